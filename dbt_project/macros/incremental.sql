{#-
  The marts' materialization: the month that is built takes the place of what stood for it, in one
  transaction, also where it comes to nothing. dbt-duckdb's own writes a temporary table first and
  looks at columns three times; it takes twice as long. A model reads its own table as it was before
  its month was taken out only for earlier months. A column that is new is added, none is dropped.
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
