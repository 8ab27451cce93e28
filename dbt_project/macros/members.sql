{#-
  The figures of a table, counted from its members: one row for an authority and the keys, and one of
  gm for the members that GM counts. A figure is what its members add up to. Members that are alike
  are added up first: there are few kinds of them.
-#}
{% macro figures_of(members, keys, columns) %}
    select
        counted.authority,
        {%- for key in keys %}
        alike.{{ key }},
        {%- endfor %}
        {%- for column in columns %}
        coalesce(sum(alike.amount) filter (
            where list_contains(alike.names, '{{ column }}')
        ), 0) as "{{ column }}",
        {%- endfor %}
    from (
        select
            authority,
            is_in_gm,
            {%- for key in keys %}
            {{ key }},
            {%- endfor %}
            string_split(column_names, ' ') as names,
            sum(amount) as amount,
        from {{ members }}
        group by all
    ) as alike
    cross join
        unnest(if(alike.is_in_gm, [alike.authority, 'gm'], [alike.authority]))
            as counted (authority)
    group by all
{% endmacro %}
