-- every intervention with its level, and which rule gave it
with interventions as (

    select * from {{ ref('stg_interventions') }}

),

families as (

    select * from {{ ref('int_families') }}

),

placed as (

    select
        interventions.*,
        families.family_key,
        families.programme_group,
        families.is_open as is_family_open,
        families.is_counted as is_family_counted,
    from interventions
    inner join families
        on interventions.authority = families.authority
        and interventions.local_family_id = families.local_family_id

),

{{ levelled('placed') }},

supplied as (

    select authority, fields
    from {{ ref('stg_headings') }}
    where dataset = 'interventions'

),

numbered as (

    select
        *,
        row_number() over (
            partition by
                authority,
                local_family_id,
                {{ words_key('intervention') }},
                start_date
            order by file_name, row_number, item
        ) as ordinal,
    from levelled

),

final as (

    select
        numbered.month,
        numbered.authority,
        numbered.as_of_month,
        numbered.family_key,
        numbered.programme_group,
        numbered.is_family_open,
        numbered.is_family_counted,
        left(sha256(concat_ws(
            '|', numbered.authority, numbered.family_key,
            {{ words_key('numbered.intervention') }}, numbered.start_date,
            numbered.ordinal
        )), 20) as intervention_key,
        -- what was delivered may be anything somebody typed, a name too
        coalesce(numbered.local_name, '(not in the crosswalk)') as local_name,
        numbered.service,
        coalesce(numbered.resolved_level, 'unclassified') as intensity_level,
        numbered.level_basis,
        numbered.start_date,
        numbered.end_date,
        numbered.hours_per_week,
        case
            when numbered.hours_per_week is not null then 'observed'
            when supplied.fields['hours_per_week'] is null then 'not_held'
            else 'not_known'
        end as hours_status,
        numbered.worker_names,
        numbered.workers,
        case
            when numbered.workers is not null then 'observed'
            when supplied.fields['workers'] is null then 'not_held'
            else 'not_known'
        end as workers_status,
        (numbered.start_date is null or numbered.start_date <= numbered.as_of_date)
        and coalesce(
            numbered.end_date > numbered.as_of_date,
            numbered.end_date_text is null
        ) as is_open,
        numbered.level_rule is null as is_unmapped,
        numbered.level_rule,
        numbered.crosswalk_level as agreed_level,
        numbered.intervention,
        numbered.file_name,
        numbered.sheet,
        numbered.row_number,
    from numbered
    left join supplied
        on numbered.authority = supplied.authority

)

select * from final
