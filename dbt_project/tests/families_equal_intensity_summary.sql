with control as (

    select month from {{ source('ops', 'control') }}

),

families as (

    select
        authority,
        count(*) as families,
    from {{ ref('families') }}
    where month = (select month from control)
        and programme_group = 'programme'
        and is_open
    group by authority

),

summary as (

    select
        authority,
        sum(families) as families,
    from {{ ref('intensity_summary') }}
    where month = (select month from control)
        and authority <> 'gm'
    group by authority

),

final as (

    select
        coalesce(families.authority, summary.authority) as authority,
        families.families,
        summary.families as families_in_summary,
    from families
    full join summary
        on families.authority = summary.authority
    where coalesce(families.families, 0) <> coalesce(summary.families, 0)

)

select * from final
