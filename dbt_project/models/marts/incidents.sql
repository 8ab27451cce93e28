with incidents as (

    select * from {{ ref('int_incidents') }}

),

final as (

    select
        month,
        authority,
        family_key,
        incident_type,
        incident_count as "count",
        status,
        status_rule,
        source_basis,
        period,
        months_covered,
        earlier_count,
        as_of_month,
    from incidents

)

select * from final
