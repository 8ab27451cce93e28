{#-
  Rows of the heading crosswalk, and each field's own name, which any authority may use as a heading.

  preference: 1 an authority's own row, 2 one for all, 3 the field's own name. The lowest wins.
-#}
{% macro known_headings() -%}
    select
        authority,
        dataset,
        heading,
        field,
        valid_from,
        valid_to,
        if(authority = '*', 2, 1) as preference,
    from {{ ref('xwalk_headings') }}
    union all
    select
        '*' as authority,
        dataset,
        field as heading,
        field,
        date '1900-01-01' as valid_from,
        cast(null as date) as valid_to,
        3 as preference,
    from {{ ref('ref_fields') }}
{%- endmacro %}
