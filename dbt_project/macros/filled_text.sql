{#- a text of ref_messages, with the values of the placeholders that findings of dbt have -#}
{% macro filled_text(text) -%}
    replace(
        replace(
            replace({{ text }}, '{local_name}', coalesce(local_name, '')),
            '{supplied_level}', coalesce(supplied_level, '')
        ),
        '{agreed_level}', coalesce(agreed_level, '')
    )
{%- endmacro %}
