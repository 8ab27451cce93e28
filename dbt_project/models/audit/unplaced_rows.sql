-- rows whose family is not listed: kept here, because no other table can hold them
{%- set datasets = {
    'people': 'local_family_id',
    'needs': 'local_family_id',
    'interventions': 'local_family_id',
    'incidents': 'local_family_id',
} %}
with families as (

    select authority, local_family_id from {{ ref('int_families') }}

),

persons as (

    select authority, local_person_id from {{ ref('int_people') }}

),

rows_without as (

    {%- for dataset in datasets %}
    select
        rows.month,
        rows.authority,
        rows.as_of_month,
        '{{ dataset }}' as dataset,
        'local_family_id' as field,
        case
            when rows.local_family_id is null then 'FAMILY_ID_BLANK'
            else 'FAMILY_NOT_LISTED'
        end as rule,
        rows.file_name,
        rows.sheet,
        rows.row_number,
    from {{ ref('stg_' ~ dataset) }} as rows
    left join families
        on rows.authority = families.authority
        and rows.local_family_id = families.local_family_id
    where families.authority is null
    union all by name
    {%- endfor %}
    select
        rows.month,
        rows.authority,
        rows.as_of_month,
        'benefits' as dataset,
        'local_person_id' as field,
        case
            when rows.local_person_id is null then 'PERSON_ID_BLANK'
            else 'PERSON_NOT_LISTED'
        end as rule,
        rows.file_name,
        rows.sheet,
        rows.row_number,
    from {{ ref('stg_benefits') }} as rows
    left join persons
        on rows.authority = persons.authority
        and rows.local_person_id = persons.local_person_id
    where persons.authority is null
    union all by name
    select
        month,
        authority,
        as_of_month,
        'families' as dataset,
        'local_family_id' as field,
        'FAMILY_ID_BLANK' as rule,
        file_name,
        sheet,
        row_number,
    from {{ ref('stg_families') }}
    where local_family_id is null
    union all by name
    select
        month,
        authority,
        as_of_month,
        'people' as dataset,
        'local_person_id' as field,
        'PERSON_ID_BLANK' as rule,
        file_name,
        sheet,
        row_number,
    from {{ ref('stg_people') }}
    where local_person_id is null

),

headings as (

    select * from {{ ref('stg_headings') }}

),

final as (

    select
        rows_without.month,
        rows_without.authority,
        rows_without.as_of_month,
        rows_without.dataset,
        rows_without.field,
        rows_without.rule,
        rows_without.file_name,
        rows_without.sheet,
        headings.fields[rows_without.field] as heading,
        count(distinct row(rows_without.file_name, rows_without.row_number))
            as occurrences,
        min(rows_without.row_number) as first_row,
    from rows_without
    left join headings
        on rows_without.authority = headings.authority
        and rows_without.dataset = headings.dataset
    group by all

)

select * from final
