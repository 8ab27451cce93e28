-- each open programme family's level now, and its level if a disputed term moved
with ranks as (
    select * from warehouse.reference.ref_intensity_levels
),

cases as (
    select
        names.*,
        if(move = 'up', 1, -1) as step,
        (select max(rank) from ranks) as highest,
        (select max(rank) from ranks where intensity_level = 'unclassified') as lowest,
    from (select distinct month, term, move from gm.intensity_sensitivity) as names
),

interventions as (
    select
        interventions.month,
        interventions.authority,
        interventions.family_key,
        cases.term,
        cases.move,
        case
            when exists (
                select 1
                from warehouse.reference.xwalk_disputed_levels as terms
                where terms.term = cases.term
                    and terms.authority in (interventions.authority, '*')
                    and coalesce(terms.service, interventions.service)
                    is not distinct from interventions.service
                    and coalesce(terms.local_name, interventions.local_name)
                    is not distinct from interventions.local_name
                    and holds(
                        terms.valid_from,
                        terms.valid_to,
                        last_day(cast(interventions.month || '-01' as date))
                    )
            ) then greatest(least(ranks.rank + cases.step, cases.highest), cases.lowest)
            else ranks.rank
        end as rank_moved,
    from gm.interventions as interventions
    inner join open_programme using (month, authority, family_key)
    inner join ranks on interventions.intensity_level = ranks.intensity_level
    inner join cases on interventions.month = cases.month
    where interventions.is_open
),

families as (
    select
        families.month,
        families.authority as of_authority,
        families.family_key,
        cases.term,
        cases.move,
        families.intensity_level as level_now,
        coalesce(ranks.intensity_level, families.intensity_level) as level_moved,
    from open_programme as families
    inner join cases on families.month = cases.month
    left join (
        select month, authority, family_key, term, move, max(rank_moved) as rank
        from interventions
        group by all
    ) as moved
        on families.month = moved.month
        and families.authority = moved.authority
        and families.family_key = moved.family_key
        and cases.term = moved.term
        and cases.move = moved.move
    left join ranks on moved.rank = ranks.rank
)

select *, unnest([of_authority, 'gm']) as authority
from (
    select * exclude (level_now, level_moved), level_now as intensity_level,
        'families_now' as column_name, 1 as amount
    from families
    union all by name
    select * exclude (level_now, level_moved), level_moved as intensity_level,
        'families_moved' as column_name, 1 as amount
    from families
    union all by name
    select * exclude (level_now, level_moved), level_now as intensity_level,
        'change' as column_name, -1 as amount
    from families
    where level_now <> level_moved
    union all by name
    select * exclude (level_now, level_moved), level_moved as intensity_level,
        'change' as column_name, 1 as amount
    from families
    where level_now <> level_moved
)
