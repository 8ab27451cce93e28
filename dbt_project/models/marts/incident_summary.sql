-- incidents of open programme families; a rate is over families of which something is known
with incidents as (

    select * from {{ ref('int_incidents') }}
    where programme_group = 'programme' and is_open

),

families as (

    select month, authority, count(*) as families
    from {{ ref('int_families') }}
    where programme_group = 'programme' and is_open
    group by month, authority

),

kinds as (

    select unnest(['dv', 'asb', 'offences', 'missing']) as incident_type

),

definitions as (

    select * from {{ ref('stg_definitions') }}
    where topic = 'incidents'

),

counted as (

    select
        authority,
        incident_type,
        count(*) filter (where status in ('observed', 'true_zero'))
            as families_known,
        count(*) filter (where status = 'observed') as families_with_any,
        sum(incident_count) as incidents,
        count(*) filter (where status = 'not_known') as not_known,
        any_value(source_basis) as source_basis,
        max(period) as period,
    from incidents
    group by authority, incident_type

),

by_authority as (

    select
        families.month,
        families.authority,
        kinds.incident_type,
        families.families,
        coalesce(counted.families_known, 0) as families_known,
        coalesce(counted.families_with_any, 0) as families_with_any,
        counted.incidents,
        coalesce(counted.not_known, 0) as not_known,
        coalesce(counted.source_basis, 'not_known') as source_basis,
        counted.period,
        coalesce(definitions.is_common, false) as is_comparable,
        families.authority as authorities_in_rate,
    from families
    cross join kinds
    left join counted
        on families.authority = counted.authority
        and kinds.incident_type = counted.incident_type
    left join definitions
        on families.authority = definitions.authority

),

unified as (

    select * from by_authority
    union all by name
    select
        month,
        'gm' as authority,
        incident_type,
        sum(families) as families,
        sum(families_known) as families_known,
        sum(families_with_any) as families_with_any,
        sum(incidents) as incidents,
        sum(not_known) as not_known,
        string_agg(distinct source_basis, ' | ' order by source_basis)
            as source_basis,
        max(period) as period,
        true as is_comparable,
        string_agg(authority, ' ' order by authority) as authorities_in_rate,
    from by_authority
    where is_comparable
    group by month, incident_type

),

final as (

    select
        month,
        authority,
        incident_type,
        families::integer as families,
        families_known::integer as families_known,
        families_with_any::integer as families_with_any,
        not_known::integer as not_known,
        -- no row at all is nothing held
        (families - families_known - not_known)::integer as not_held,
        case when families_known > 0 then incidents end::integer as incidents,
        -- where a nought tells nothing every known family has one: no rate
        case when families_known > families_with_any
            then round(families_with_any / families_known, 4)::double end as rate,
        source_basis,
        period,
        is_comparable,
        authorities_in_rate,
    from unified

)

select * from final
