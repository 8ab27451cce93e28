-- who is in each figure: the rows that the aggregated tables add up
with unified as (

    select 'closures' as table_name, *
    from {{ ref('int_closures_members') }}
    union all by name
    select 'eligibility_sensitivity' as table_name, *
    from {{ ref('int_eligibility_sensitivity_members') }}
    union all by name
    select 'family_services' as table_name, *
    from {{ ref('int_family_services_members') }}
    union all by name
    select 'family_sizes' as table_name, *
    from {{ ref('int_family_sizes_members') }}
    union all by name
    select 'incident_summary' as table_name, *
    from {{ ref('int_incident_summary_members') }}
    union all by name
    select 'intensity_coverage' as table_name, *
    from {{ ref('int_intensity_coverage_members') }}
    union all by name
    select 'intensity_sensitivity' as table_name, *
    from {{ ref('int_intensity_sensitivity_members') }}
    union all by name
    select 'intensity_summary' as table_name, *
    from {{ ref('int_intensity_summary_members') }}
    union all by name
    select 'intensity_weighted' as table_name, *
    from {{ ref('int_intensity_weighted_members') }}
    union all by name
    select 'need_prevalence' as table_name, *
    from {{ ref('int_need_prevalence_members') }}
    union all by name
    select 'need_sources' as table_name, *
    from {{ ref('int_need_sources_members') }}
    union all by name
    select 'recorded_and_seen' as table_name, *
    from {{ ref('int_recorded_and_seen_members') }}

),

final as (

    select
        month,
        authority,
        table_name,
        closure_reason,
        programme_group,
        service,
        incident_type,
        intensity_level,
        term,
        move,
        weighting,
        need_code,
        source_basis,
        topic,
        recorded_basis,
        family_key,
        person_key,
        intervention_key,
        column_names,
        amount::double as amount,
        is_in_gm,
    from unified

)

select * from final
