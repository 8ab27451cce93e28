-- open programme families, and their open interventions, at the weight of their level
with weightings as (
    select
        figure.month,
        figure.weighting,
        levels.intensity_level,
        coalesce(weightings.weight, 0) as weight,
    from (select distinct month, weighting from gm.intensity_weighted) as figure
    cross join warehouse.reference.ref_intensity_levels as levels
    left join warehouse.reference.ref_weightings as weightings
        on figure.weighting = weightings.weighting
        and levels.intensity_level = weightings.intensity_level
        and holds(
            weightings.valid_from,
            weightings.valid_to,
            last_day(cast(figure.month || '-01' as date))
        )
),

said as (
    select
        families.month,
        families.authority as of_authority,
        families.family_key,
        weightings.weighting,
        weightings.weight,
        unnest(['families', 'weighted_families']) as column_name,
    from open_programme as families
    inner join weightings using (month, intensity_level)
    union all by name
    select
        interventions.month,
        interventions.authority as of_authority,
        interventions.family_key,
        interventions.intervention_key,
        weightings.weighting,
        weightings.weight,
        unnest(['open_interventions', 'weighted_interventions']) as column_name,
    from gm.interventions as interventions
    inner join open_programme as families using (month, authority, family_key)
    inner join weightings
        on interventions.month = weightings.month
        and interventions.intensity_level = weightings.intensity_level
    where interventions.is_open
)

select
    * exclude (weight),
    unnest([of_authority, 'gm']) as authority,
    if(column_name like 'weighted%', weight, 1)::double as amount,
from said
