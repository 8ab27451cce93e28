{#-
  dbt's incremental strategy `replace_month`: the month that is built takes the place of what stood
  for it in one transaction, also where it comes to nothing (delete+insert deletes only the months
  that the new rows name).
-#}
{% macro get_incremental_replace_month_sql(arg_dict) -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') %}
    delete from {{ arg_dict['target_relation'] }}
    where month = (select month from {{ source('ops', 'control') }});

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{%- endmacro %}
