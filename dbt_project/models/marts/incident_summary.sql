-- incidents of open programme families; a rate is over families of which something is known
with standing as (

    select distinct month, authority
    from {{ ref('stg_standing') }}

),

incidents as (

    select * from {{ ref('int_incidents') }}
    where programme_group = 'programme' and is_open

),

families as (

    select authority, count(*) as families
    from {{ ref('int_families') }}
    where programme_group = 'programme' and is_open
    group by authority

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
        standing.month,
        standing.authority,
        kinds.incident_type,
        coalesce(families.families, 0) as families,
        coalesce(counted.families_known, 0) as families_known,
        coalesce(counted.families_with_any, 0) as families_with_any,
        counted.incidents,
        coalesce(counted.not_known, 0) as not_known,
        coalesce(counted.source_basis, 'not_known') as source_basis,
        counted.period,
        coalesce(definitions.is_common, false) as is_comparable,
        standing.authority as authorities_in_rate,
        -- a nought that tells nothing: every known family has an incident
        coalesce(
            counted.families_with_any > 0
            and counted.families_known = counted.families_with_any
            and families.families > counted.families_known,
            false
        ) as is_one_sided,
    from standing
    cross join kinds
    left join families
        on standing.authority = families.authority
    left join counted
        on standing.authority = counted.authority
        and kinds.incident_type = counted.incident_type
    left join definitions
        on standing.authority = definitions.authority

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
        false as is_one_sided,
    from by_authority
    where is_comparable and not is_one_sided
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
        case when not is_one_sided
            then round(families_with_any / nullif(families_known, 0), 4)::double
        end as rate,
        source_basis,
        period,
        is_comparable,
        authorities_in_rate,
    from unified

)

select * from final
