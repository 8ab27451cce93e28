{#-
  Before a mart's new rows: the month goes, also where nothing comes in its place. The control table
  by its plain name, so that not every mart looks built from it in the lineage.
-#}
{% macro replace_month() -%}
    {% if is_incremental() -%}
        delete from {{ this }} where month = (select month from ops.control)
    {%- endif %}
{%- endmacro %}
