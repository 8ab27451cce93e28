-- how much of what each authority does the three levels can hold
with counted as (

    {{ figures_of(
        ref('int_intensity_coverage_members'),
        [],
        [
            'interventions',
            'with_level',
            'fit_no_level',
            'not_in_crosswalk',
            'level_missing',
            'open_interventions',
            'open_with_level',
        ]
    ) }}

),

served as (

    select
        coalesce(authority, 'gm') as authority,
        count(distinct service) as services,
    from {{ ref('int_intensity_coverage_members') }}
    group by grouping sets ((authority), ())

),

standing as (

    select distinct month, authority
    from {{ ref('stg_standing') }}
    union
    select month, 'gm' as authority
    from {{ ref('stg_standing') }}

),

final as (

    select
        standing.month,
        standing.authority,
        coalesce(counted.interventions, 0)::integer as interventions,
        coalesce(counted.with_level, 0)::integer as with_level,
        coalesce(counted.fit_no_level, 0)::integer as fit_no_level,
        coalesce(counted.not_in_crosswalk, 0)::integer as not_in_crosswalk,
        coalesce(counted.level_missing, 0)::integer as level_missing,
        round(counted.with_level / nullif(counted.interventions, 0), 4)::double
            as share_with_level,
        coalesce(counted.open_interventions, 0)::integer as open_interventions,
        coalesce(counted.open_with_level, 0)::integer as open_with_level,
        round(
            counted.open_with_level / nullif(counted.open_interventions, 0), 4
        )::double as share_open_with_level,
        coalesce(served.services, 0)::integer as services,
    from standing
    left join counted
        on standing.authority = counted.authority
    left join served
        on standing.authority = served.authority

)

select * from final
