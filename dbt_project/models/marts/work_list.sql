-- what each authority should fix, in its own headings and rows, without any personal value
with control as (

    select month from {{ source('ops', 'control') }}

),

findings as (

    select findings.*
    from {{ source('raw', 'findings') }} as findings
    inner join control
        on findings.month = control.month

),

collected as (

    select
        month,
        authority,
        dataset,
        file_name,
        sheet,
        row_number as "row",
        heading,
        rule,
        severity,
        responsible,
        message,
        occurrences,
    from findings
    union all by name
    select
        month,
        authority,
        dataset,
        file_name,
        sheet,
        null as "row",
        heading,
        'HEADING_UNKNOWN' as rule,
        'warning' as severity,
        'gm' as responsible,
        '{{ var("messages")["HEADING_UNKNOWN"] }}' as message,
        1 as occurrences,
    from {{ ref('unmapped_headings') }}
    union all by name
    select
        month,
        authority,
        dataset,
        file_name,
        sheet,
        first_row as "row",
        heading,
        'WORD_UNKNOWN' as rule,
        'warning' as severity,
        'gm' as responsible,
        '{{ var("messages")["WORD_UNKNOWN"] }}' as message,
        occurrences,
    from {{ ref('unmapped_values') }}
    union all by name
    select
        month,
        authority,
        'interventions' as dataset,
        file_name,
        sheet,
        first_row as "row",
        heading,
        'INTERVENTION_UNKNOWN' as rule,
        'warning' as severity,
        'gm' as responsible,
        'The intervention is in no row of xwalk_intensity_levels; its level is '
        || 'as supplied, or unclassified. Accepted: a row that says which level, '
        || 'or that it fits none' as message,
        occurrences,
    from {{ ref('unmapped_interventions') }}
    union all by name
    select
        month,
        authority,
        dataset,
        file_name,
        sheet,
        first_row as "row",
        heading,
        rule,
        'warning' as severity,
        case rule when 'ZERO_UNDECLARED' then 'gm' else 'authority' end
            as responsible,
        case rule
            when 'ZERO_UNDECLARED'
                then 'A 0 that nobody has declared the meaning of; it counts as '
                || 'not known. Accepted: a zero_means row in authority_declarations'
            when 'BIRTH_IN_FUTURE'
                then 'A birth date after the extract; expected a date before it, '
                || 'or an unborn child marked as the authority marks one'
            when 'MONTH_IN_FUTURE'
                then 'A month of incidents after the month of the delivery, so the '
                || 'row counts for nothing. Expected: the month of the delivery, '
                || 'or an earlier one'
            when 'MONTH_UNREADABLE'
                then 'A month of incidents that is blank or that none of the '
                || 'declared formats can read, so the row counts for nothing. '
                || 'Expected: a month written as the other rows write it'
            when 'NUMBER_UNREADABLE'
                then 'Hours that are not a number; they stay blank and give no '
                || 'level. Expected: digits with a point, such as 2.5, '
                || 'or an empty cell'
            else 'A date that none of the declared formats can read; it stays '
            || 'blank. Accepted: a date written as the other rows write it'
        end as message,
        occurrences,
    from {{ ref('unread_values') }}
    union all by name
    select
        month,
        authority,
        dataset,
        file_name,
        sheet,
        first_row as "row",
        heading,
        rule,
        -- an end that is planned is no fault
        case rule when 'END_IN_FUTURE' then 'info' else 'warning' end as severity,
        'authority' as responsible,
        case rule
            when 'START_IN_FUTURE'
                then 'A start after the month of the delivery; it is used as it '
                || 'came. Expected: a day of that month or before it'
            when 'END_IN_FUTURE'
                then 'An end after the month of the delivery, so the work counts '
                || 'as open. Expected: a day of that month or before it, or an '
                || 'empty cell while the work goes on'
            when 'END_BEFORE_START'
                then 'An end before its own start; both are used as they came. '
                || 'Expected: an end on the day of the start or after it'
            when 'CARER_BORN_AFTER_START'
                then 'A parent, partner or grandparent born after the work with '
                || 'the family began. Expected: the birth date of that person, or '
                || 'child as the relationship of a baby'
        end as message,
        occurrences,
    from {{ ref('doubtful_dates') }}
    union all by name
    select
        month,
        authority,
        dataset,
        file_name,
        sheet,
        first_row as "row",
        heading,
        rule,
        'warning' as severity,
        'authority' as responsible,
        case
            when rule like '%BLANK'
                then 'The row has no number, so it belongs to nobody. '
                || 'Expected: the number under which the list itself has it'
            else 'The row names a number that is not in the list of this '
            || 'delivery. Expected: a number that the list has'
        end as message,
        occurrences,
    from {{ ref('unplaced_rows') }}
    union all by name
    select
        month,
        authority,
        dataset,
        file_name,
        sheet,
        first_row as "row",
        null as heading,
        'LEVEL_DIFFERS' as rule,
        'info' as severity,
        'gm' as responsible,
        local_name || ' came as ' || coalesce(supplied_level, 'no level')
        || ' and is agreed as ' || agreed_level
        || '. Accepted: the agreed level, or a changed crosswalk row' as message,
        occurrences,
    from {{ ref('level_differences') }}

),

final as (

    select
        month,
        authority,
        left(sha256(concat_ws(
            '|', authority, dataset, file_name, sheet, heading, rule, "row",
            message
        )), 12) as item,
        dataset,
        {{ harmless('file_name') }} as file_name,
        {{ harmless('sheet') }} as sheet,
        "row",
        {{ harmless('heading') }} as heading,
        rule,
        severity,
        responsible,
        message,
        sum(occurrences)::integer as occurrences,
    from collected
    group by all

)

select * from final
