-- what the baseline would say under each weighting that is on the table
with counted as (

    {{ figures_of(
        ref('int_intensity_weighted_members'),
        ['weighting'],
        [
            'families',
            'weighted_families',
            'open_interventions',
            'weighted_interventions',
        ]
    ) }}

),

standing as (

    select distinct month, authority
    from {{ ref('stg_standing') }}
    union
    select month, 'gm' as authority
    from {{ ref('stg_standing') }}

),

names as (

    select distinct weightings.weighting
    from {{ ref('ref_weightings') }} as weightings
    inner join {{ source('ops', 'control') }} as control
        on {{ in_force(
            'weightings', "last_day(cast(control.month || '-01' as date))"
        ) }}

),

summed as (

    select
        standing.month,
        standing.authority,
        names.weighting,
        coalesce(everyone.families, 0) as families,
        coalesce(weighed.weighted_families, 0) as weighted_families,
        coalesce(everyone.open_interventions, 0) as open_interventions,
        coalesce(weighed.weighted_interventions, 0) as weighted_interventions,
    from standing
    cross join names
    left join counted as everyone
        on standing.authority = everyone.authority
        and everyone.weighting is null
    left join counted as weighed
        on standing.authority = weighed.authority
        and names.weighting = weighed.weighting

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
