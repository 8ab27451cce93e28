{#- a date by the formats that the authority declares for this dataset; never by guessing -#}
{% macro parse_date(text, formats) -%}
    coalesce(
        {%- for format in var('date_formats') %}
        case
            when list_contains({{ formats }}, '{{ format }}')
                {#- DuckDB's %Y would read the year 43 in 12/03/43 #}
                {%- if '%Y' in format %}
                and regexp_matches(
                    {{ text }},
                    '{{ "[0-9]{8}" if format == "%d%m%Y" else "[0-9]{4}" }}'
                )
                {%- endif %}
                then try_strptime({{ text }}, '{{ format }}')
        end,
        {%- endfor %}
        case
            when list_contains({{ formats }}, 'excel_serial')
                and regexp_full_match({{ text }}, '[0-9]{5}')
                then cast('1899-12-30' as timestamp)
                    + to_days(cast({{ text }} as integer))
        end
    )::date
{%- endmacro %}

{#- a birth date; a two-digit year that would lie after the day of the extract is a century back -#}
{% macro parse_birth_date(text, formats, not_after) -%}
    case
        when {{ parse_date(text, formats) }} > {{ not_after }}
            and regexp_matches({{ text }}, '[^0-9][0-9]{2}$')
            then ({{ parse_date(text, formats) }} - interval 100 year)::date
        else {{ parse_date(text, formats) }}
    end
{%- endmacro %}
