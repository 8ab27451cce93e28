-- who is in intensity_sensitivity: counted families at their level, whichever term moves, and those
-- that a disputed term takes from one level to another
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

terms as (

    select terms.*
    from {{ ref('xwalk_disputed_levels') }} as terms
    inner join control
        on {{ in_force('terms', 'control.month_end') }}

),

moves as (

    select unnest(['up', 'down']) as move, unnest([1, -1]) as step

),

families as (

    select * from {{ ref('int_intensity_summary_members') }}

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
    where interventions.is_family_counted
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

    select
        term,
        move,
        authority,
        family_key,
        unnest([rank_now, rank_moved]) as rank,
        unnest([-1, 1]) as amount,
    from recoded
    where rank_now <> rank_moved

),

final as (

    select
        month,
        authority,
        -- empty: whichever term moves, up or down
        null as term,
        null as move,
        intensity_level,
        family_key,
        'families_now' as column_names,
        1 as amount,
        true as is_in_gm,
    from families
    union all by name
    select
        control.month,
        moved.authority,
        moved.term,
        moved.move,
        ranks.intensity_level,
        moved.family_key,
        'change' as column_names,
        moved.amount,
        true as is_in_gm,
    from moved
    inner join ranks
        on moved.rank = ranks.rank
    cross join control

)

select * from final
