with moved as (

    select * from {{ ref('intensity_sensitivity') }}
    where month = (select month from {{ source('ops', 'control') }})

),

by_authority as (

    select authority, term, move, sum(change) as change
    from moved
    group by authority, term, move
    having sum(change) <> 0

),

against_gm as (

    select
        'gm' as authority,
        term,
        move,
        sum(change) filter (where authority = 'gm')
        - sum(change) filter (where authority <> 'gm') as change,
    from moved
    group by term, move, intensity_level
    having change <> 0

),

final as (

    select * from by_authority
    union all
    select * from against_gm

)

select * from final
