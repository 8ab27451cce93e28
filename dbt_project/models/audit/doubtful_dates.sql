-- dates that can be read but are probably wrong: after the extract, or in an impossible order
with families as (

    select * from {{ ref('stg_families') }}

),

interventions as (

    select * from {{ ref('stg_interventions') }}

),

people as (

    select * from {{ ref('int_people') }}

),

listed as (

    select * from {{ ref('int_families') }}

),

headings as (

    select * from {{ ref('stg_headings') }}

),

found as (

    {%- for dataset in ['families', 'interventions'] %}
    {%- for field, rule, condition in [
        ('start_date', 'START_IN_FUTURE', 'start_date > as_of_date'),
        ('end_date', 'END_IN_FUTURE', 'end_date > as_of_date'),
        ('end_date', 'END_BEFORE_START', 'end_date < start_date'),
    ] %}
    select
        month, authority, as_of_month, file_name, sheet, row_number,
        '{{ dataset }}' as dataset, '{{ field }}' as field, '{{ rule }}' as rule,
    from {{ dataset }}
    where {{ condition }}
    union all by name
    {%- endfor %}
    {%- endfor %}
    -- a child may be born, and an adult may join, after the work with the family began
    select
        people.month, people.authority, people.as_of_month, people.file_name,
        people.sheet, people.row_number,
        'people' as dataset, 'date_of_birth' as field,
        'CARER_BORN_AFTER_START' as rule,
    from people
    inner join listed
        on people.authority = listed.authority
        and people.family_key = listed.family_key
    where people.relationship in ('parent', 'step_parent', 'partner', 'grandparent')
        and people.date_of_birth > listed.start_date
        and people.date_of_birth <= people.as_of_date

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
