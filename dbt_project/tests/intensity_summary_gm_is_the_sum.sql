with summary as (

    select * from {{ ref('intensity_summary') }}
    where month = (select month from {{ source('ops', 'control') }})

),

final as (

    select
        intensity_level,
        sum(families) filter (where authority = 'gm') as families_gm,
        sum(families) filter (where authority <> 'gm') as families_summed,
    from summary
    group by intensity_level
    having families_gm is distinct from families_summed

)

select * from final
