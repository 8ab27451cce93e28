{#- a cell without blanks at either end: every blank that `words_key` knows, as Gate 1 reads it -#}
{% macro stripped(text) -%}
    regexp_replace({{ text }}, '^[\s\p{Z}\x0B\x1C-\x1F\x{85}]+|[\s\p{Z}\x0B\x1C-\x1F\x{85}]+$', '', 'g')
{%- endmacro %}
