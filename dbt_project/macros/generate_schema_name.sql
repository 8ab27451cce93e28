{#- a model's schema is its layer's name, without a prefix: the contract names `gm` -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
