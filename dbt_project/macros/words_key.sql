{#-
  How headings and words are compared: trimmed, single blanks, lower case. Python's `words_key`
  (tf_pipeline/naming.py) gives the same for every character; a test tries them all.
-#}
{% macro words_key(text) -%}
    lower(trim(regexp_replace({{ text }}, '[\s\p{Z}\x0B\x1C-\x1F\x{85}]+', ' ', 'g')))
{%- endmacro %}
