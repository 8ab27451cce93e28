-- what each authority should fix, in its own headings and rows, without any personal value
with control as (

    select month from {{ source('ops', 'control') }}

),

messages as (

    select * from {{ ref('ref_messages') }}

),

-- found before the rows were landed; Python has filled in the text
landed as (

    select
        findings.* exclude (row_number),
        findings.row_number as first_row,
    from {{ source('raw', 'findings') }} as findings
    inner join control
        on findings.month = control.month

),

unmapped as (

    select
        'HEADING_UNKNOWN' as rule,
        month,
        authority,
        dataset,
        file_name,
        sheet,
        heading,
        1 as occurrences,
    from {{ ref('unmapped_headings') }}
    union all by name
    select
        'WORD_UNKNOWN' as rule,
        month,
        authority,
        dataset,
        file_name,
        sheet,
        first_row,
        heading,
        occurrences,
    from {{ ref('unmapped_values') }}
    union all by name
    select
        'INTERVENTION_UNKNOWN' as rule,
        month,
        authority,
        'interventions' as dataset,
        file_name,
        sheet,
        first_row,
        heading,
        occurrences,
    from {{ ref('unmapped_interventions') }}
    union all by name
    select
        'LEVEL_DIFFERS' as rule,
        month,
        authority,
        dataset,
        file_name,
        sheet,
        first_row,
        local_name,
        coalesce(supplied_level, 'no level') as supplied_level,
        agreed_level,
        occurrences,
    from {{ ref('level_differences') }}

),

found as (

    select * from unmapped
    {%- for model in ['unread_values', 'doubtful_dates', 'unplaced_rows'] %}
    union all by name
    select
        rule,
        month,
        authority,
        dataset,
        file_name,
        sheet,
        first_row,
        heading,
        occurrences,
    from {{ ref(model) }}
    {%- endfor %}

),

collected as (

    select
        found.*,
        messages.severity,
        messages.responsible,
        {{ filled_text("messages.expected") }} as expected,
        {{ filled_text("messages.message || '. Expected: ' || messages.expected") }} as message,
    from found
    -- a rule without a row has no message, and the gate of this table fails
    left join messages
        on found.rule = messages.rule
    union all by name
    select * from landed

),

final as (

    select
        month,
        authority,
        left(sha256(concat_ws(
            '|', authority, dataset, file_name, sheet, heading, rule, first_row,
            message
        )), 12) as item,
        dataset,
        {{ harmless('file_name') }} as file_name,
        {{ harmless('sheet') }} as sheet,
        first_row as "row",
        {{ harmless('heading') }} as heading,
        rule,
        severity,
        responsible,
        message,
        expected,
        sum(occurrences)::integer as occurrences,
    from collected
    group by all

)

select * from final
