-- closure is a fact about a service: how many families the programme closed are still worked with
with families as (

    select * from {{ ref('int_families') }}
    where programme_group = 'programme'
        and not is_open

),

levels as (

    select * from {{ ref('int_family_levels') }}

),

standing as (

    select distinct month, authority
    from {{ ref('stg_standing') }}

),

reasons as (

    select value as closure_reason
    from {{ ref('ref_values') }}
    where domain = 'closure_reason'
    union all
    select 'not_known' as closure_reason

),

definitions as (

    select * from {{ ref('stg_definitions') }}
    where topic = 'closure'

),

counted as (

    select
        families.authority,
        coalesce(families.closure_reason, 'not_known') as closure_reason,
        count(*) as families,
        count(*) filter (where levels.open_interventions > 0)
            as still_open_in_any_service,
    from families
    inner join levels
        on families.authority = levels.authority
        and families.family_key = levels.family_key
    group by families.authority, coalesce(families.closure_reason, 'not_known')

),

by_authority as (

    select
        standing.month,
        standing.authority,
        reasons.closure_reason,
        coalesce(counted.families, 0) as families,
        coalesce(counted.still_open_in_any_service, 0)
            as still_open_in_any_service,
        coalesce(definitions.is_common, false) as is_comparable,
        standing.authority as authorities_in_figure,
    from standing
    cross join reasons
    left join counted
        on standing.authority = counted.authority
        and reasons.closure_reason = counted.closure_reason
    left join definitions
        on standing.authority = definitions.authority

),

-- GM adds up only authorities that mean the same by a closure
unified as (

    select * from by_authority
    union all by name
    select
        month,
        'gm' as authority,
        closure_reason,
        sum(families) as families,
        sum(still_open_in_any_service) as still_open_in_any_service,
        true as is_comparable,
        string_agg(authority, ' ' order by authority) as authorities_in_figure,
    from by_authority
    where is_comparable
    group by month, closure_reason

),

final as (

    select
        month,
        authority,
        closure_reason,
        families::integer as families,
        still_open_in_any_service::integer as still_open_in_any_service,
        is_comparable,
        authorities_in_figure,
    from unified

)

select * from final
