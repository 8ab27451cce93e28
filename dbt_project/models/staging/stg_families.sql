with delivered as (

    {{ delivered_rows(
        'families',
        ['local_family_id', 'start_date', 'end_date', 'work_began_date'],
        ['programme_group', 'closure_reason'],
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
        local_family_id,
        programme_group_word,
        case
            when programme_group in ('programme', 'comparison')
                then programme_group
        end as programme_group,
        start_date as start_date_text,
        {{ parse_date('start_date', 'date_formats') }} as start_date,
        end_date as end_date_text,
        {{ parse_date('end_date', 'date_formats') }} as end_date,
        {{ parse_date('work_began_date', 'date_formats') }} as work_began_date,
        closure_reason_word,
        case
            when closure_reason not in (
                'not_known', 'not_held', 'not_applicable'
            )
                then closure_reason
        end as closure_reason,
    from delivered

)

select * from final
