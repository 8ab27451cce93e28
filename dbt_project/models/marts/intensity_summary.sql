with counted as (

    {{ figures_of(
        ref('int_intensity_summary_members'),
        ['intensity_level'],
        ['families']
    ) }}

),

vocabulary as (

    select intensity_level from {{ ref('ref_intensity_levels') }}

),

standing as (

    select distinct month, authority
    from {{ ref('stg_standing') }}

),

definitions as (

    select * from {{ ref('stg_definitions') }}
    where topic = 'intensity'

),

by_authority as (

    select
        standing.month,
        standing.authority,
        coalesce(definitions.is_common, false) as is_comparable,
    from standing
    left join definitions
        on standing.authority = definitions.authority

),

unified as (

    select
        month,
        coalesce(authority, 'gm') as authority,
        bool_and(is_comparable) as is_comparable,
    from by_authority
    group by grouping sets ((month, authority), (month))

),

final as (

    select
        unified.month,
        unified.authority,
        vocabulary.intensity_level,
        coalesce(counted.families, 0)::integer as families,
        unified.is_comparable,
    from unified
    cross join vocabulary
    left join counted
        on unified.authority = counted.authority
        and vocabulary.intensity_level = counted.intensity_level

)

select * from final
