with needs as (

    select * from {{ ref('int_family_needs') }}

),

final as (

    select
        month,
        authority,
        family_key,
        need_code,
        status,
        source_basis,
        is_comparable,
        as_of_month,
    from needs

)

select * from final
