{#-
  dbt-duckdb's materialization `table`, in one transaction on the table itself: DuckDB drops and
  creates a table whole or not at all, so no second name and no backup is needed. It takes a third of
  the statements. Grants and indexes, which nothing here has, are left out.
-#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set target = this.incorporate(type='table') %}
    {%- set language = model['language'] %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if language == 'python' %}
        {% call statement('drop') -%}
            drop table if exists {{ target }};
        {%- endcall %}
        {% call statement('main', language=language) -%}
            {{- create_table_as(False, target, compiled_code, language) }}
        {%- endcall %}
    {% else %}
        {% call statement('main') -%}
            drop table if exists {{ target }};
            {{ create_table_as(False, target, compiled_code) }}
        {%- endcall %}
    {% endif %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
