{#- the status of a coded cell: its word's, else what the authority declares of a zero or a blank -#}
{% macro said_status(text, canonical, zero, blank) -%}
    case
        when {{ text }} is null then coalesce({{ blank }}, 'not_known')
        when {{ canonical }} is not null then {{ canonical }}
        -- without a declaration a zero has no meaning
        when try_cast({{ text }} as double) = 0
            then coalesce({{ zero }}, 'not_known')
        else 'not_known'
    end
{%- endmacro %}

{#- which rule gave that status -#}
{% macro said_by(text, canonical, zero, blank) -%}
    case
        when {{ text }} is null
            then if({{ blank }} is null, 'undeclared', 'blank_means')
        when {{ canonical }} is not null then 'word'
        when try_cast({{ text }} as double) = 0
            then if({{ zero }} is null, 'undeclared', 'zero_means')
        else 'unknown_word'
    end
{%- endmacro %}
