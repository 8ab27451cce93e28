-- every intervention with its level, and which rule gave it
with interventions as (

    select * from {{ ref('stg_interventions') }}

),

families as (

    select * from {{ ref('int_families') }}

),

crosswalk as (

    select * from {{ ref('xwalk_intensity_levels') }}

),

hours_levels as (

    select * from {{ ref('xwalk_hours_levels') }}

),

matched as (

    select
        interventions.*,
        families.family_key,
        families.programme_group,
        crosswalk.local_name,
        crosswalk.service,
        crosswalk.level_rule,
        crosswalk.intensity_level as crosswalk_level,
        hours_levels.intensity_level as hours_level,
    from interventions
    inner join families
        on interventions.authority = families.authority
        and interventions.local_family_id = families.local_family_id
    left join crosswalk
        on interventions.authority = crosswalk.authority
        and {{ words_key('interventions.intervention') }}
        = {{ words_key('crosswalk.delivered') }}
        and {{ in_force('crosswalk', 'interventions.as_of_date') }}
    left join hours_levels
        on interventions.authority = hours_levels.authority
        and {{ in_force('hours_levels', 'interventions.as_of_date') }}
        and (
            hours_levels.hours_from is null
            or interventions.hours_per_week > hours_levels.hours_from
            or (
                hours_levels.is_from_included
                and interventions.hours_per_week = hours_levels.hours_from
            )
        )
        and (
            hours_levels.hours_to is null
            or interventions.hours_per_week < hours_levels.hours_to
            or (
                hours_levels.is_to_included
                and interventions.hours_per_week = hours_levels.hours_to
            )
        )
        and interventions.hours_per_week is not null

),

levelled as (

    select
        *,
        -- an intervention that no crosswalk row knows keeps the level it came with
        case coalesce(level_rule, 'as_supplied')
            when 'level' then crosswalk_level
            when 'hours' then hours_level
            when 'as_supplied' then intensity_level
        end as resolved_level,
        row_number() over (
            partition by
                authority,
                local_family_id,
                {{ words_key('intervention') }},
                start_date
            order by file_name, row_number, item
        ) as ordinal,
    from matched

),

final as (

    select
        month,
        authority,
        as_of_month,
        family_key,
        programme_group,
        left(sha256(concat_ws(
            '|', authority, family_key, {{ words_key('intervention') }},
            start_date, ordinal
        )), 20) as intervention_key,
        -- what was delivered may be anything somebody typed, a name too
        coalesce(local_name, '(not in the crosswalk)') as local_name,
        service,
        coalesce(resolved_level, 'unclassified') as intensity_level,
        case
            when resolved_level is null then 'none'
            when coalesce(level_rule, 'as_supplied') = 'level' then 'crosswalk'
            else coalesce(level_rule, 'as_supplied')
        end as level_basis,
        start_date,
        end_date,
        hours_per_week,
        workers,
        (start_date is null or start_date <= as_of_date)
        and coalesce(end_date > as_of_date, end_date_text is null) as is_open,
        level_rule is null as is_unmapped,
        crosswalk_level as agreed_level,
        intervention,
        file_name,
        sheet,
        row_number,
    from levelled

)

select * from final
