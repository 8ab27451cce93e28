with incidents as (

    select * from {{ ref('stg_incidents') }}

),

families as (

    select * from {{ ref('int_families') }}

),

-- a file may cover several months: one row a family, which says how many
summed as (

    select
        families.month,
        families.authority,
        families.family_key,
        incidents.incident_type,
        sum(incidents.incident_count)::integer as incident_count,
        case
            when sum(incidents.incident_count) > 0 then 'observed'
            -- counts are asked for families open at month end
            when not bool_or(families.is_open) and count(incidents.incident_count) = 0
                then 'not_applicable'
            when bool_or(incidents.status = 'not_held') then 'not_held'
            when bool_or(incidents.status = 'not_known') then 'not_known'
            when bool_or(incidents.status = 'not_applicable')
                then 'not_applicable'
            else 'true_zero'
        end as status,
        count(distinct incidents.incident_month)::integer as months_covered,
        min(families.as_of_month) as as_of_month,
    from incidents
    inner join families
        on incidents.authority = families.authority
        and incidents.local_family_id = families.local_family_id
    group by
        families.month,
        families.authority,
        families.family_key,
        incidents.incident_type

),

final as (

    select
        month,
        authority,
        family_key,
        incident_type,
        -- a zero beside a month of which nothing is known is no zero
        case when status in ('observed', 'true_zero') then incident_count end
            as "count",
        status,
        months_covered,
        as_of_month,
    from summed

)

select * from final
