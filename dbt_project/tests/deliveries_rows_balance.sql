with deliveries as (

    select * from {{ ref('deliveries') }}
    where month = (select month from {{ source('ops', 'control') }})

),

final as (

    select
        authority,
        dataset,
        outcome,
        rows_delivered,
        rows_accepted,
        rows_set_aside,
    from deliveries
    where rows_delivered is distinct from rows_accepted + rows_set_aside
        or (outcome <> 'accepted' and rows_accepted <> 0)

)

select * from final
