-- how much of what each authority does the three levels can hold
with standing as (

    select distinct month, authority
    from {{ ref('stg_standing') }}

),

interventions as (

    select * from {{ ref('int_interventions') }}
    where programme_group = 'programme'

),

counted as (

    select
        standing.month,
        coalesce(standing.authority, 'gm') as authority,
        count(interventions.intervention_key) as interventions,
        count(*) filter (where interventions.intensity_level <> 'unclassified')
            as with_level,
        count(*) filter (
            where interventions.intensity_level = 'unclassified'
                and (
                    interventions.level_rule = 'none'
                    or (
                        interventions.level_rule = 'as_supplied'
                        and interventions.agreed_level is null
                    )
                )
        ) as fit_no_level,
        count(*) filter (
            where interventions.intensity_level = 'unclassified'
                and interventions.is_unmapped
        ) as not_in_crosswalk,
        count(*) filter (where interventions.is_open) as open_interventions,
        count(*) filter (
            where interventions.is_open
                and interventions.intensity_level <> 'unclassified'
        ) as open_with_level,
        count(distinct interventions.service) as services,
    from standing
    left join interventions
        on standing.authority = interventions.authority
    group by grouping sets (
        (standing.month, standing.authority), (standing.month)
    )

),

final as (

    select
        month,
        authority,
        interventions::integer as interventions,
        with_level::integer as with_level,
        fit_no_level::integer as fit_no_level,
        not_in_crosswalk::integer as not_in_crosswalk,
        (interventions - with_level - fit_no_level - not_in_crosswalk)::integer
            as level_missing,
        round(with_level / nullif(interventions, 0), 4)::double
            as share_with_level,
        open_interventions::integer as open_interventions,
        open_with_level::integer as open_with_level,
        round(open_with_level / nullif(open_interventions, 0), 4)::double
            as share_open_with_level,
        services::integer as services,
    from counted

)

select * from final
