-- incidents of counted families; a rate is over families with a known value
with counted as (

    {{ figures_of(
        ref('int_incident_summary_members'),
        ['incident_type', 'is_one_sided'],
        [
            'families',
            'families_known',
            'families_with_any',
            'incidents',
            'not_known',
            'not_held',
        ]
    ) }}

),

standing as (

    select distinct month, authority
    from {{ ref('stg_standing') }}

),

kinds as (

    select unnest(['dv', 'asb', 'offences', 'missing']) as incident_type

),

definitions as (

    select * from {{ ref('stg_definitions') }}
    where topic = 'incidents'

),

said as (

    select
        authority,
        incident_type,
        any_value(source_basis) as source_basis,
        max(period) as period,
    from {{ ref('int_incidents') }}
    where is_counted
    group by authority, incident_type

),

by_authority as (

    select
        standing.month,
        standing.authority,
        kinds.incident_type,
        coalesce(said.source_basis, 'not_known') as source_basis,
        said.period,
        coalesce(definitions.is_common, false) as is_comparable,
        standing.authority as authorities_in_rate,
        coalesce(counted.is_one_sided, false) as is_one_sided,
    from standing
    cross join kinds
    left join counted
        on standing.authority = counted.authority
        and kinds.incident_type = counted.incident_type
    left join said
        on standing.authority = said.authority
        and kinds.incident_type = said.incident_type
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
        unified.month,
        unified.authority,
        unified.incident_type,
        coalesce(counted.families, 0)::integer as families,
        coalesce(counted.families_known, 0)::integer as families_known,
        coalesce(counted.families_with_any, 0)::integer as families_with_any,
        coalesce(counted.not_known, 0)::integer as not_known,
        coalesce(counted.not_held, 0)::integer as not_held,
        case when counted.families_known > 0 then counted.incidents end::integer
            as incidents,
        case when not unified.is_one_sided
            then round(
                counted.families_with_any / nullif(counted.families_known, 0), 4
            )::double
        end as rate,
        unified.source_basis,
        unified.period,
        unified.is_comparable,
        unified.authorities_in_rate,
    from unified
    left join counted
        on unified.authority = counted.authority
        and unified.incident_type = counted.incident_type

)

select * from final
