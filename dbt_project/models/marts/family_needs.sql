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
        case status
            when 'yes' then 'observed'
            when 'no' then 'true_zero'
            else status
        end as value_status,
        status_rule,
        source_basis,
        is_comparable,
        status_common,
        framework,
        as_of_month,
    from needs

)

select * from final
