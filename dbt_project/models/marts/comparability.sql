{{ config(materialized='table') }}

with definitions as (

    select * from {{ ref('authority_definitions') }}

),

final as (

    select
        authority,
        topic,
        valid_from,
        valid_to,
        definition,
        source_basis,
        collection_mode,
        is_common,
    from definitions

)

select * from final
