{#- A delivered text as it may be exported: a spreadsheet takes none for a formula. -#}
{% macro harmless(text) -%}
    if(regexp_matches({{ text }}, '^[=+@\t\r-]'), '''' || {{ text }}, {{ text }})
{%- endmacro %}
