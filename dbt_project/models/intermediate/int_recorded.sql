-- what records say of each family, topic by topic: incidents of the month, or work of a service
with recorded as (

    select * from {{ ref('ref_recorded') }}

),

families as (

    select * from {{ ref('int_families') }}

),

incidents as (

    select
        incidents.authority,
        incidents.family_key,
        recorded.topic,
        recorded.recorded_in,
        recorded.need_code,
        -- counts of two bases do not make one record
        min(incidents.source_basis) as recorded_basis,
        case
            when bool_or(incidents.status = 'observed') then 'yes'
            when bool_or(incidents.status = 'not_known') then 'not_known'
            when bool_or(incidents.status in ('not_held', 'not_applicable'))
                then 'not_held'
            else 'no'
        end as status,
    from {{ ref('int_incidents') }} as incidents
    inner join recorded
        on recorded.recorded_in = 'incidents'
        and incidents.incident_type = recorded.recorded_item
    group by all
    having count(distinct incidents.source_basis) = 1

),

delivered as (

    select distinct authority
    from {{ ref('stg_standing') }}
    where dataset = 'interventions'

),

-- an intervention that no crosswalk row knows may be of any service
services as (

    select
        families.authority,
        families.family_key,
        recorded.topic,
        recorded.recorded_in,
        recorded.need_code,
        'service' as recorded_basis,
        case
            when not bool_or(delivered.authority is not null) then 'not_held'
            when bool_or(interventions.service = recorded.recorded_item)
                then 'yes'
            when bool_or(interventions.is_unmapped) then 'not_known'
            else 'no'
        end as status,
    from families
    cross join recorded
    left join delivered
        on families.authority = delivered.authority
    left join {{ ref('int_interventions') }} as interventions
        on families.authority = interventions.authority
        and families.family_key = interventions.family_key
    where recorded.recorded_in = 'services'
    group by all

),

unified as (

    select * from incidents
    union all by name
    select * from services

),

final as (

    select
        families.month,
        families.authority,
        families.family_key,
        families.is_counted,
        unified.topic,
        unified.need_code,
        unified.recorded_in,
        unified.recorded_basis,
        unified.status,
    from unified
    inner join families
        on unified.authority = families.authority
        and unified.family_key = families.family_key

)

select * from final
