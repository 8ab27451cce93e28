-- how the baseline moves if a disputed term goes one level up or down
with counted as (

    {{ figures_of(
        ref('int_intensity_sensitivity_members'),
        ['term', 'move', 'intensity_level'],
        ['families_now', 'change']
    ) }}

),

standing as (

    select distinct month, authority
    from {{ ref('stg_standing') }}
    union
    select month, 'gm' as authority
    from {{ ref('stg_standing') }}

),

levels as (

    select intensity_level from {{ ref('ref_intensity_levels') }}

),

names as (

    select distinct terms.term
    from {{ ref('xwalk_disputed_levels') }} as terms
    inner join {{ source('ops', 'control') }} as control
        on {{ in_force(
            'terms', "last_day(cast(control.month || '-01' as date))"
        ) }}

),

moves as (

    select unnest(['up', 'down']) as move

),

final as (

    select
        standing.month,
        standing.authority,
        names.term,
        moves.move,
        levels.intensity_level,
        coalesce(now.families_now, 0)::integer as families_now,
        (coalesce(now.families_now, 0) + coalesce(moved.change, 0))::integer
            as families_moved,
        coalesce(moved.change, 0)::integer as change,
    from standing
    cross join levels
    cross join names
    cross join moves
    left join counted as now
        on standing.authority = now.authority
        and levels.intensity_level = now.intensity_level
        and now.term is null
    left join counted as moved
        on standing.authority = moved.authority
        and levels.intensity_level = moved.intensity_level
        and names.term = moved.term
        and moves.move = moved.move

)

select * from final
