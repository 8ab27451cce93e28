with crosswalk as (

    select * from {{ ref('xwalk_values') }}

),

fields as (

    select dataset, field, domain from {{ ref('ref_fields') }}

),

vocabulary as (

    select domain, value from {{ ref('ref_values') }}

),

-- what a word for no value may mean in any field, whatever its domain
no_value as (

    select unnest(['not_known', 'not_held', 'not_applicable']) as value

),

final as (

    select
        crosswalk.authority,
        crosswalk.dataset,
        crosswalk.field,
        crosswalk.canonical,
    from crosswalk
    left join fields
        on crosswalk.dataset = fields.dataset
        and crosswalk.field in (fields.field, '*')
    left join vocabulary
        on fields.domain = vocabulary.domain
        and crosswalk.canonical = vocabulary.value
    left join no_value
        on crosswalk.canonical = no_value.value
    group by
        crosswalk.authority,
        crosswalk.dataset,
        crosswalk.field,
        crosswalk.delivered,
        crosswalk.canonical
    having bool_and(vocabulary.value is null and no_value.value is null)
        or (bool_and(fields.field is null) and crosswalk.dataset <> '*')

)

select * from final
