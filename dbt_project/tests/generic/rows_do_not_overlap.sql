{#-
  Dated rows of one key hold one after the other: no day has two.

  key: columns that say what a row is about; words: those of them compared as words are.
-#}
{% test rows_do_not_overlap(model, key, words=[]) %}
with dated as (

    select
        {%- for column in key %}
        {{ words_key(column) if column in words else column }} as {{ column }},
        {%- endfor %}
        valid_from,
        coalesce(valid_to, date '9999-12-31') as last_day,
    from {{ model }}

),

final as (

    select
        *,
        lead(valid_from) over (
            partition by {{ key | join(', ') }}
            order by valid_from, last_day
        ) as next_from,
    from dated
    qualify next_from <= last_day

)

select * from final
{% endtest %}
