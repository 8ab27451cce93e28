with eligibility as (

    select * from {{ ref('int_family_eligibility') }}

),

final as (

    select * exclude (is_counted)
    from eligibility

)

select * from final
