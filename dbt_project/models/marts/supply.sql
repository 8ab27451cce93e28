{{ config(materialized='table') }}

with register as (

    select * from {{ ref('supply_register') }}

),

final as (

    select
        authority,
        organisation,
        dataset,
        valid_from,
        valid_to,
        is_supplied,
        obstacle,
        source,
    from register

)

select * from final
