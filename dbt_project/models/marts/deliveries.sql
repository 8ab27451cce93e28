with attempts as (

    select * from {{ source('raw', 'attempts') }}

),

control as (

    select month from {{ source('ops', 'control') }}

),

standing as (

    select distinct authority, as_of_month
    from {{ ref('stg_standing') }}

),

latest as (

    select attempts.*
    from attempts
    inner join control
        on attempts.month = control.month
    -- an authority's delivery is accepted or refused as a whole: its last attempt counts
    qualify rank() over (
        partition by attempts.authority
        order by attempts.attempted_at desc
    ) = 1

),

final as (

    select
        latest.month,
        latest.authority,
        latest.dataset,
        latest.outcome,
        standing.as_of_month,
        {{ harmless('latest.file_name') }} as file_name,
        latest.file_sha256,
        latest.rows_delivered,
        latest.rows_accepted,
        latest.rows_set_aside,
        latest.reason,
        latest.is_refused_with_others,
    from latest
    left join standing
        on latest.authority = standing.authority

)

select * from final
