-- how the baseline moves if a disputed term goes one level up or down
with control as (

    select
        month,
        last_day(cast(month || '-01' as date)) as month_end,
    from {{ source('ops', 'control') }}

),

ranks as (

    select * from {{ ref('ref_intensity_levels') }}

),

-- an intervention has at least no level, and at most the highest
bounds as (

    select
        max(rank) as highest,
        max(rank) filter (where intensity_level = 'unclassified') as lowest,
    from ranks

),

summary as (

    select * from {{ ref('intensity_summary') }}
    where month = (select month from control)

),

terms as (

    select terms.*
    from {{ ref('xwalk_disputed_levels') }} as terms
    inner join control
        on {{ in_force('terms', 'control.month_end') }}

),

moves as (

    select unnest(['up', 'down']) as move, unnest([1, -1]) as step

),

interventions as (

    select
        interventions.authority,
        interventions.family_key,
        interventions.intervention_key,
        interventions.service,
        interventions.local_name,
        ranks.rank,
    from {{ ref('int_interventions') }} as interventions
    inner join ranks
        on interventions.intensity_level = ranks.intensity_level
    where interventions.programme_group = 'programme'
        and interventions.is_family_open
        and interventions.is_open

),

disputed as (

    select distinct
        terms.term,
        interventions.authority,
        interventions.family_key,
        interventions.intervention_key,
    from interventions
    inner join terms
        on terms.authority in (interventions.authority, '*')
        and coalesce(terms.service, interventions.service)
        is not distinct from interventions.service
        and coalesce(terms.local_name, interventions.local_name)
        is not distinct from interventions.local_name

),

-- only families with a disputed intervention can move
touched as (

    select distinct term, authority, family_key
    from disputed

),

recoded as (

    select
        touched.term,
        moves.move,
        touched.authority,
        touched.family_key,
        max(interventions.rank) as rank_now,
        max(case
            when disputed.intervention_key is null then interventions.rank
            else greatest(
                least(interventions.rank + moves.step, bounds.highest),
                bounds.lowest
            )
        end) as rank_moved,
    from touched
    inner join interventions
        on touched.authority = interventions.authority
        and touched.family_key = interventions.family_key
    left join disputed
        on touched.term = disputed.term
        and interventions.authority = disputed.authority
        and interventions.intervention_key = disputed.intervention_key
    cross join moves
    cross join bounds
    group by touched.term, moves.move, touched.authority, touched.family_key

),

moved as (

    select term, move, authority, rank_now as rank, -1 as change
    from recoded
    where rank_now <> rank_moved
    union all
    select term, move, authority, rank_moved as rank, 1 as change
    from recoded
    where rank_now <> rank_moved

),

changes as (

    select
        moved.term,
        moved.move,
        coalesce(moved.authority, 'gm') as authority,
        ranks.intensity_level,
        sum(moved.change) as change,
    from moved
    inner join ranks
        on moved.rank = ranks.rank
    group by grouping sets (
        (moved.term, moved.move, moved.authority, ranks.intensity_level),
        (moved.term, moved.move, ranks.intensity_level)
    )

),

names as (

    select distinct term from terms

),

final as (

    select
        summary.month,
        summary.authority,
        names.term,
        moves.move,
        summary.intensity_level,
        summary.families as families_now,
        (summary.families + coalesce(changes.change, 0))::integer
            as families_moved,
        coalesce(changes.change, 0)::integer as change,
    from summary
    cross join names
    cross join moves
    left join changes
        on summary.authority = changes.authority
        and names.term = changes.term
        and moves.move = changes.move
        and summary.intensity_level = changes.intensity_level

)

select * from final
