with crosswalk as (

    select * from {{ ref('xwalk_headings') }}

),

fields as (

    select dataset, field from {{ ref('ref_fields') }}

),

final as (

    select
        crosswalk.authority,
        crosswalk.dataset,
        crosswalk.heading,
        crosswalk.field,
    from crosswalk
    anti join fields
        on crosswalk.dataset = fields.dataset
        and crosswalk.field = fields.field
    where crosswalk.field <> 'IGNORE'

)

select * from final
