-- what the baseline would say under each weighting that is on the table
with standing as (

    select distinct month, authority
    from {{ ref('stg_standing') }}

),

families as (

    select
        families.authority,
        levels.intensity_level,
        count(*) as families,
    from {{ ref('int_families') }} as families
    inner join {{ ref('int_family_levels') }} as levels
        on families.authority = levels.authority
        and families.family_key = levels.family_key
    where families.programme_group = 'programme'
        and families.is_open
    group by families.authority, levels.intensity_level

),

-- an intervention may have a level that is no family's highest
interventions as (

    select authority, intensity_level, count(*) as interventions
    from {{ ref('int_interventions') }}
    where programme_group = 'programme' and is_family_open and is_open
    group by authority, intensity_level

),

in_force as (

    select weightings.*
    from {{ ref('ref_weightings') }} as weightings
    inner join {{ source('ops', 'control') }} as control
        on {{ in_force(
            'weightings', "last_day(cast(control.month || '-01' as date))"
        ) }}

),

-- a level that a weighting does not name weighs nothing, and its families still count
weightings as (

    select
        names.weighting,
        levels.intensity_level,
        coalesce(in_force.weight, 0) as weight,
    from (select distinct weighting from in_force) as names
    cross join {{ ref('ref_intensity_levels') }} as levels
    left join in_force
        on names.weighting = in_force.weighting
        and levels.intensity_level = in_force.intensity_level

),

summed as (

    select
        standing.month,
        coalesce(standing.authority, 'gm') as authority,
        weightings.weighting,
        sum(coalesce(families.families, 0)) as families,
        sum(coalesce(families.families, 0) * weightings.weight)
            as weighted_families,
        sum(coalesce(interventions.interventions, 0)) as open_interventions,
        sum(coalesce(interventions.interventions, 0) * weightings.weight)
            as weighted_interventions,
    from standing
    cross join weightings
    left join families
        on standing.authority = families.authority
        and weightings.intensity_level = families.intensity_level
    left join interventions
        on standing.authority = interventions.authority
        and weightings.intensity_level = interventions.intensity_level
    group by grouping sets (
        (standing.month, standing.authority, weightings.weighting),
        (standing.month, weightings.weighting)
    )

),

final as (

    select
        month,
        authority,
        weighting,
        families::integer as families,
        weighted_families::double as weighted_families,
        round(weighted_families / nullif(families, 0), 4)::double
            as weight_per_family,
        case when authority <> 'gm' and families > 0 then rank() over (
            partition by weighting, authority = 'gm'
            order by weighted_families / nullif(families, 0) desc
        ) end::integer as rank_by_weight,
        open_interventions::integer as open_interventions,
        weighted_interventions::double as weighted_interventions,
    from summed

)

select * from final
