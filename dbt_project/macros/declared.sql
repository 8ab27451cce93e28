{#- joins what an authority declares of a field: alias, alias of the rows, topic, SQL for the subject -#}
{% macro join_declared(alias, rows, topic, subject) -%}
    left join {{ ref('stg_declarations') }} as {{ alias }}
        on {{ rows }}.authority = {{ alias }}.authority
        and {{ alias }}.topic = '{{ topic }}'
        and {{ alias }}.subject = {{ subject }}
{%- endmacro %}
