{#- whether a dated row holds on a day -#}
{% macro in_force(row, day) -%}
    {{ row }}.valid_from <= {{ day }}
    and ({{ row }}.valid_to is null or {{ row }}.valid_to >= {{ day }})
{%- endmacro %}
