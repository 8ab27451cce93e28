with benefits as (

    select * from {{ ref('int_benefits') }}

),

final as (

    select
        month,
        authority,
        person_key,
        benefit,
        status,
        status_rule,
        source_basis,
        as_at,
        as_of_month,
    from benefits

)

select * from final
