with summary as (

    select * from {{ ref('incident_summary') }}
    where month = (select month from {{ source('ops', 'control') }})

),

declared as (

    select authority, split_part(subject, '.', 2) as incident_type
    from {{ ref('stg_declarations') }}
    where topic = 'zero_means'
        and subject like 'incidents.%'
        and value = 'not_held'

),

final as (

    select
        summary.authority,
        summary.incident_type,
        summary.families_known,
        summary.families_with_any,
    from summary
    inner join declared
        on summary.authority = declared.authority
        and summary.incident_type = declared.incident_type
    where summary.families_known <> summary.families_with_any
        or summary.rate is not null

)

select * from final
