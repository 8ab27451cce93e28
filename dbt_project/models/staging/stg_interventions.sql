with delivered as (

    {{ delivered_rows(
        'interventions',
        [
            'local_family_id', 'intervention', 'start_date', 'end_date',
            'hours_per_week', 'workers',
        ],
        ['intensity_level'],
    ) }}

),

final as (

    select
        month,
        authority,
        as_of_month,
        as_of_date,
        file_name,
        sheet,
        row_number,
        item,
        local_family_id,
        intervention,
        intensity_level_word,
        case
            when intensity_level in ('L1', 'L2', 'L3') then intensity_level
        end as intensity_level,
        intensity_level is not null or intensity_level_word is null
            as is_level_known_word,
        start_date as start_date_text,
        {{ parse_date('start_date', 'date_formats') }} as start_date,
        end_date as end_date_text,
        {{ parse_date('end_date', 'date_formats') }} as end_date,
        hours_per_week as hours_per_week_text,
        -- not rounded, because it decides a level; DuckDB would read nan and inf as numbers
        case
            when isfinite(try_cast(hours_per_week as double))
                then try_cast(hours_per_week as double)
        end as hours_per_week,
        list_distinct(list_filter(
            regexp_split_to_array(
                lower(workers), '\s*(?:/|,|;|&|\+|\band\b)\s*'
            ),
            lambda name: trim(name) <> ''
        )) as worker_names,
        len(worker_names) as workers,
    from delivered

)

select * from final
