-- what the baseline would say under each weighting that is on the table
with families as (

    select
        families.month,
        families.authority,
        families.family_key,
        levels.intensity_level,
    from {{ ref('int_families') }} as families
    inner join {{ ref('int_family_levels') }} as levels
        on families.authority = levels.authority
        and families.family_key = levels.family_key
    where families.programme_group = 'programme'
        and families.is_open

),

interventions as (

    select * from {{ ref('int_interventions') }}
    where programme_group = 'programme' and is_family_open and is_open

),

weightings as (

    select weightings.*
    from {{ ref('ref_weightings') }} as weightings
    inner join {{ source('ops', 'control') }} as control
        on {{ in_force(
            'weightings', "last_day(cast(control.month || '-01' as date))"
        ) }}

),

-- a level may have interventions where it is no family's highest
levels as (

    select
        month,
        authority,
        intensity_level,
        count(*) as families,
        0 as interventions,
    from families
    group by month, authority, intensity_level
    union all by name
    select
        month,
        authority,
        intensity_level,
        0 as families,
        count(*) as interventions,
    from interventions
    group by month, authority, intensity_level

),

summed as (

    select
        levels.month,
        coalesce(levels.authority, 'gm') as authority,
        weightings.weighting,
        sum(levels.families) as families,
        sum(levels.families * weightings.weight) as weighted_families,
        sum(levels.interventions) as open_interventions,
        sum(levels.interventions * weightings.weight)
            as weighted_interventions,
    from levels
    inner join weightings
        on levels.intensity_level = weightings.intensity_level
    group by grouping sets (
        (levels.month, levels.authority, weightings.weighting),
        (levels.month, weightings.weighting)
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
        case when authority <> 'gm' then rank() over (
            partition by weighting, authority = 'gm'
            order by weighted_families / nullif(families, 0) desc
        ) end::integer as rank_by_weight,
        open_interventions::integer as open_interventions,
        weighted_interventions::double as weighted_interventions,
    from summed

)

select * from final
