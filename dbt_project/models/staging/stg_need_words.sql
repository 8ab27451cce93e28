-- what is said of needs and no crosswalk row knows: stg_needs has no place for it
{%- set fields = ['need', 'need_source', 'need_6_basis'] %}
{%- set lists = ['needs_present', 'needs_absent'] %}
with {{ delivered('needs', fields + lists) }},

words as (

    select * from {{ ref('stg_words') }}
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
    {{ 'union all by name' if not loop.last }}
    {%- endfor %}

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
