-- what is said of needs and no crosswalk row knows: stg_needs has no place for it
{%- set fields = ['need', 'need_source'] %}
{%- set lists = ['needs_present', 'needs_absent'] %}
with delivered as (

    {{ delivered_rows('needs', fields + lists, with_cells=true) }}

),

words as (

    select * from {{ ref('stg_words') }}
    where dataset = 'needs'

),

-- columns that say on what a need rests
basis_columns as (

    select
        authority,
        unnest(map_entries(positions)).key as field,
        unnest(map_entries(positions)).value as position,
    from {{ ref('stg_headings') }}
    where dataset = 'needs'

),

-- a word of a list is looked up as a need
said as (

    {%- for field in fields + lists %}
    select
        month,
        authority,
        as_of_month,
        file_name,
        sheet,
        row_number,
        '{{ field }}' as field,
        '{{ "need" if field in lists else field }}' as looked_up_as,
        {%- if field in lists %}
        unnest(regexp_split_to_array({{ field }}, '\s*[;,|]\s*')) as word,
        {%- else %}
        {{ field }} as word,
        {%- endif %}
    from delivered
    union all by name
    {%- endfor %}
    select
        delivered.month,
        delivered.authority,
        delivered.as_of_month,
        delivered.file_name,
        delivered.sheet,
        delivered.row_number,
        basis_columns.field,
        basis_columns.field as looked_up_as,
        {{ stripped('delivered.cells[basis_columns.position]') }} as word,
    from delivered
    inner join basis_columns
        on delivered.authority = basis_columns.authority
        and basis_columns.field like 'need\_%\_basis' escape '\'

),

final as (

    select said.* exclude (looked_up_as)
    from said
    anti join words
        on said.authority = words.authority
        and said.looked_up_as = words.field
        and {{ words_key('said.word') }} = words.word
    where said.word <> ''

)

select * from final
