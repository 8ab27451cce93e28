with levels as (

    select * from {{ ref('int_family_levels') }}

),

families as (

    select * from {{ ref('int_families') }}

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

counted as (

    select
        families.authority,
        levels.intensity_level,
        count(*) as families,
    from families
    inner join levels
        on families.authority = levels.authority
        and families.family_key = levels.family_key
    where families.programme_group = 'programme'
        and families.is_open
    group by families.authority, levels.intensity_level

),

by_authority as (

    select
        standing.month,
        standing.authority,
        vocabulary.intensity_level,
        coalesce(counted.families, 0)::integer as families,
        coalesce(definitions.is_common, false) as is_comparable,
    from standing
    cross join vocabulary
    left join counted
        on standing.authority = counted.authority
        and vocabulary.intensity_level = counted.intensity_level
    left join definitions
        on standing.authority = definitions.authority

),

final as (

    select * from by_authority
    union all by name
    select
        month,
        'gm' as authority,
        intensity_level,
        sum(families)::integer as families,
        bool_and(is_comparable) as is_comparable,
    from by_authority
    group by month, intensity_level

)

select * from final
