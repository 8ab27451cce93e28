-- delivered words without a crosswalk row, by field; the word itself stays in the warehouse
{%- set coded = {
    'families': ['programme_group', 'closure_reason'],
    'people': ['sex', 'relationship', 'is_unborn'],
    'benefits': ['benefit'],
} %}
with headings as (

    select * from {{ ref('stg_headings') }}

),

unknown as (

    {%- for dataset, fields in coded.items() %}
    {%- for field in fields %}
    select
        month,
        authority,
        as_of_month,
        '{{ dataset }}' as dataset,
        '{{ field }}' as field,
        file_name,
        sheet,
        {{ field }}_word as word,
        row_number,
    from {{ ref('stg_' ~ dataset) }} as delivered
    where {{ field }}_word is not null
        and {{ words_key(field ~ '_word') }} not in (
            select word from {{ ref('stg_words') }} as words
            where words.authority = delivered.authority
                and words.dataset = '{{ dataset }}'
                and words.field = '{{ field }}'
        )
    union all by name
    {%- endfor %}
    {%- endfor %}
    select
        month,
        authority,
        as_of_month,
        'needs' as dataset,
        'need_' || need_code as field,
        file_name,
        sheet,
        status_word as word,
        row_number,
    from {{ ref('stg_needs') }}
    where is_unmapped
    union all by name
    select
        month,
        authority,
        as_of_month,
        'needs' as dataset,
        'alcohol' as field,
        file_name,
        sheet,
        alcohol_word as word,
        row_number,
    from {{ ref('stg_alcohol') }}
    where status_rule = 'unknown_word'
    union all by name
    select
        month,
        authority,
        as_of_month,
        'needs' as dataset,
        field,
        file_name,
        sheet,
        word,
        row_number,
    from {{ ref('stg_need_words') }}
    union all by name
    select
        month,
        authority,
        as_of_month,
        'interventions' as dataset,
        'intensity_level' as field,
        file_name,
        sheet,
        intensity_level_word as word,
        row_number,
    from {{ ref('stg_interventions') }}
    where not is_level_known_word
    union all by name
    select
        month,
        authority,
        as_of_month,
        'incidents' as dataset,
        incident_type as field,
        file_name,
        sheet,
        count_text as word,
        row_number,
    from {{ ref('stg_incidents') }}
    where is_unreadable

),

final as (

    select
        unknown.month,
        unknown.authority,
        unknown.as_of_month,
        unknown.dataset,
        unknown.field,
        unknown.file_name,
        unknown.sheet,
        headings.fields[unknown.field] as heading,
        unknown.word,
        count(*) as occurrences,
        min(unknown.row_number) as first_row,
    from unknown
    left join headings
        on unknown.authority = headings.authority
        and unknown.dataset = headings.dataset
    group by all

)

select * from final
