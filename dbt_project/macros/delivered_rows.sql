{#-
  A query: the rows of one raw dataset as they stand for the month, under canonical names.

  fields: texts; null where blank or one of the authority's words for "no value".
  words: coded fields; `<field>_word` is the delivered word, `<field>` its canonical value, null
  where no crosswalk row knows the word.
  with_cells: keeps the cells themselves, for fields that are known only by what is delivered.
-#}
{% macro delivered_rows(dataset, fields, words=[], with_cells=false) -%}
    with standing as (

        select * from {{ ref('stg_standing') }}
        where dataset = '{{ dataset }}'

    ),

    headings as (

        select
            authority,
            {%- for field in fields + words %}
            positions['{{ field }}'] as {{ field }}_position,
            {%- endfor %}
            {%- for field in fields %}
            no_value_words['{{ field }}'] as {{ field }}_no_value,
            {%- endfor %}
        from {{ ref('stg_headings') }}
        where dataset = '{{ dataset }}'

    ),

    cells as (

        select
            standing.month,
            standing.authority,
            standing.as_of_month,
            standing.as_of_date,
            standing.date_formats,
            rows.file_name,
            rows.sheet,
            rows.row_number,
            rows.item,
            {%- if with_cells %}
            rows.cells,
            {%- endif %}
            {%- for field in fields %}
            nullif({{ stripped('rows.cells[headings.' ~ field ~ '_position]') }}, '')
                as {{ field }}_text,
            headings.{{ field }}_no_value,
            {%- endfor %}
            {%- for field in words %}
            nullif({{ stripped('rows.cells[headings.' ~ field ~ '_position]') }}, '')
                as {{ field }}_word,
            {%- endfor %}
        from standing
        inner join {{ source('raw', dataset) }} as rows
            on standing.authority = rows.authority
            and standing.as_of_month = rows.month
        inner join headings
            on standing.authority = headings.authority

    )

    select
        cells.month,
        cells.authority,
        cells.as_of_month,
        cells.as_of_date,
        cells.date_formats,
        cells.file_name,
        cells.sheet,
        cells.row_number,
        cells.item,
        {%- if with_cells %}
        cells.cells,
        {%- endif %}
        {%- for field in fields %}
        case
            when list_contains(
                cells.{{ field }}_no_value,
                {{ words_key('cells.' ~ field ~ '_text') }}
            ) then null
            else cells.{{ field }}_text
        end as {{ field }},
        {%- endfor %}
        {%- for field in words %}
        cells.{{ field }}_word,
        {{ field }}_words.canonical as {{ field }},
        {%- endfor %}
    from cells
    {%- for field in words %}
    left join {{ ref('stg_words') }} as {{ field }}_words
        on cells.authority = {{ field }}_words.authority
        and {{ field }}_words.dataset = '{{ dataset }}'
        and {{ field }}_words.field = '{{ field }}'
        and {{ words_key('cells.' ~ field ~ '_word') }} = {{ field }}_words.word
    {%- endfor %}
{%- endmacro %}
