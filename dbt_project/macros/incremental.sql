{#-
  The marts' materialization: replaces the month that is built in one transaction, even by no rows.
  dbt-duckdb's own writes a temporary table first, looks at columns three times, and takes twice as
  long. A model may read its own table only for earlier months. New columns are added, and no column
  is dropped.
-#}
{% materialization incremental, adapter='duckdb' %}
    {%- set existing = load_cached_relation(this) %}
    {%- set target = this.incorporate(type='table') %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if existing is none or should_full_refresh() %}
        {% call statement('main') -%}
            drop table if exists {{ target }};
            {{ create_table_as(False, target, compiled_code) }}
        {%- endcall %}
    {% else %}
        {#- the contract: names and types are those that the model's YAML declares -#}
        {% do get_assert_columns_equivalent(compiled_code) %}
        {%- set held = adapter.get_columns_in_relation(existing) | map(attribute='name') | list %}
        {%- set names = [] %}
        {% call statement('main') -%}
            {% for column in model['columns'].values() -%}
                {%- do names.append(adapter.quote(column['name'])) %}
                {%- if column['name'] not in held %}
            alter table {{ target }} add column {{ names[-1] }} {{ column['data_type'] }};
                {%- endif %}
            {%- endfor %}
            delete from {{ target }}
            where month = (select month from {{ source('ops', 'control') }});

            insert into {{ target }} ({{ names | join(', ') }})
            select {{ names | join(', ') }} from ({{ compiled_code }})
        {%- endcall %}
    {% endif %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
