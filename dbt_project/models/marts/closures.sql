-- closure is a fact about a service: how many families the programme closed are still worked with
with counted as (

    {{ figures_of(
        ref('int_closures_members'),
        ['closure_reason'],
        ['families', 'still_open_in_any_service']
    ) }}

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

by_authority as (

    select
        standing.month,
        standing.authority,
        coalesce(definitions.is_common, false) as is_comparable,
        standing.authority as authorities_in_figure,
    from standing
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
        true as is_comparable,
        string_agg(authority, ' ' order by authority) as authorities_in_figure,
    from by_authority
    where is_comparable
    group by month

),

final as (

    select
        unified.month,
        unified.authority,
        reasons.closure_reason,
        coalesce(counted.families, 0)::integer as families,
        coalesce(counted.still_open_in_any_service, 0)::integer
            as still_open_in_any_service,
        unified.is_comparable,
        unified.authorities_in_figure,
    from unified
    cross join reasons
    left join counted
        on unified.authority = counted.authority
        and reasons.closure_reason = counted.closure_reason

)

select * from final
