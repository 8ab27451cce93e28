{{ config(materialized='table') }}

with crosswalk as (

    select * from {{ ref('xwalk_intensity_levels') }}

),

final as (

    select
        authority,
        delivered,
        local_name,
        service,
        level_rule,
        intensity_level,
        valid_from,
        valid_to,
        reviewed_by as agreed_by,
        reviewed_on as agreed_on,
        note,
    from crosswalk

)

select * from final
