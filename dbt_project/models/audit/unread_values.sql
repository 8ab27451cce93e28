-- delivered dates, months and hours that cannot be read, and zeros without a declaration
with families as (

    select * from {{ ref('stg_families') }}

),

people as (

    select * from {{ ref('stg_people') }}

),

interventions as (

    select * from {{ ref('stg_interventions') }}

),

incidents as (

    select * from {{ ref('stg_incidents') }}

),

needs as (

    select * from {{ ref('stg_needs') }}

),

alcohol as (

    select * from {{ ref('stg_alcohol') }}

),

headings as (

    select * from {{ ref('stg_headings') }}

),

found as (

    {%- for source, dataset, field, rule, condition in [
        ('families', 'families', "'start_date'", 'DATE_UNREADABLE',
         'start_date_text is not null and start_date is null'),
        ('families', 'families', "'end_date'", 'DATE_UNREADABLE',
         'end_date_text is not null and end_date is null'),
        ('people', 'people', "'date_of_birth'", 'DATE_UNREADABLE',
         'date_of_birth_text is not null and date_of_birth is null and not is_unborn'),
        ('people', 'people', "'date_of_birth'", 'BIRTH_IN_FUTURE',
         'date_of_birth > as_of_date'),
        ('interventions', 'interventions', "'start_date'", 'DATE_UNREADABLE',
         'start_date_text is not null and start_date is null'),
        ('interventions', 'interventions', "'end_date'", 'DATE_UNREADABLE',
         'end_date_text is not null and end_date is null'),
        ('interventions', 'interventions', "'hours_per_week'", 'NUMBER_UNREADABLE',
         'hours_per_week_text is not null and hours_per_week is null'),
        ('incidents', 'incidents', 'incident_type', 'ZERO_UNDECLARED',
         'is_bare_zero'),
        ('needs', 'needs', "'need_' || need_code", 'ZERO_UNDECLARED',
         'is_bare_zero'),
        ('alcohol', 'needs', "'alcohol'", 'ZERO_UNDECLARED',
         "status_rule = 'undeclared' and alcohol_word is not null"),
    ] %}
    select
        month, authority, as_of_month, file_name, sheet, row_number,
        '{{ dataset }}' as dataset, {{ field }} as field, '{{ rule }}' as rule,
    from {{ source }}
    where {{ condition }}
    union all by name
    {%- endfor %}
    -- a delivered row has one row for each kind of incident
    select distinct
        month, authority, as_of_month, file_name, sheet, row_number,
        'incidents' as dataset, 'incident_month' as field, month_rule as rule,
    from incidents
    where month_rule is not null

),

final as (

    select
        found.month,
        found.authority,
        found.as_of_month,
        found.dataset,
        found.field,
        found.rule,
        found.file_name,
        found.sheet,
        headings.fields[found.field] as heading,
        count(*) as occurrences,
        min(found.row_number) as first_row,
    from found
    left join headings
        on found.authority = headings.authority
        and found.dataset = headings.dataset
    group by all

)

select * from final
