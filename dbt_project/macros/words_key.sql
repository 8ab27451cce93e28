{#- how headings and words are compared: trimmed, single blanks, lower case -#}
{% macro words_key(text) -%}
    lower(trim(regexp_replace({{ text }}, '[\s\p{Z}]+', ' ', 'g')))
{%- endmacro %}
