-- dates, months and hours that are there and cannot be used, and zeros that nobody declared
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

    select
        month, authority, as_of_month, file_name, sheet, row_number,
        'families' as dataset, 'start_date' as field, 'DATE_UNREADABLE' as rule,
    from families
    where start_date_text is not null and start_date is null
    union all by name
    select
        month, authority, as_of_month, file_name, sheet, row_number,
        'families' as dataset, 'end_date' as field, 'DATE_UNREADABLE' as rule,
    from families
    where end_date_text is not null and end_date is null
    union all by name
    select
        month, authority, as_of_month, file_name, sheet, row_number,
        'people' as dataset, 'date_of_birth' as field, 'DATE_UNREADABLE' as rule,
    from people
    where date_of_birth_text is not null
        and date_of_birth is null
        and not is_unborn
    union all by name
    select
        month, authority, as_of_month, file_name, sheet, row_number,
        'people' as dataset, 'date_of_birth' as field, 'BIRTH_IN_FUTURE' as rule,
    from people
    where date_of_birth > as_of_date
    union all by name
    select
        month, authority, as_of_month, file_name, sheet, row_number,
        'interventions' as dataset, 'start_date' as field,
        'DATE_UNREADABLE' as rule,
    from interventions
    where start_date_text is not null and start_date is null
    union all by name
    select
        month, authority, as_of_month, file_name, sheet, row_number,
        'interventions' as dataset, 'end_date' as field,
        'DATE_UNREADABLE' as rule,
    from interventions
    where end_date_text is not null and end_date is null
    union all by name
    select
        month, authority, as_of_month, file_name, sheet, row_number,
        'interventions' as dataset, 'hours_per_week' as field,
        'NUMBER_UNREADABLE' as rule,
    from interventions
    where hours_per_week_text is not null and hours_per_week is null
    union all by name
    -- a delivered row is there once for each kind of incident
    select distinct
        month, authority, as_of_month, file_name, sheet, row_number,
        'incidents' as dataset, 'incident_month' as field, month_rule as rule,
    from incidents
    where month_rule is not null
    union all by name
    select
        month, authority, as_of_month, file_name, sheet, row_number,
        'incidents' as dataset, incident_type as field, 'ZERO_UNDECLARED' as rule,
    from incidents
    where is_bare_zero
    union all by name
    select
        month, authority, as_of_month, file_name, sheet, row_number,
        'needs' as dataset, 'need_' || need_code as field,
        'ZERO_UNDECLARED' as rule,
    from needs
    where is_bare_zero
    union all by name
    select
        month, authority, as_of_month, file_name, sheet, row_number,
        'needs' as dataset, 'alcohol' as field, 'ZERO_UNDECLARED' as rule,
    from alcohol
    where status_rule = 'undeclared' and alcohol_word is not null

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
