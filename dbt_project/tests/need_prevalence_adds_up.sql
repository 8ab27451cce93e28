with control as (

    select month from {{ source('ops', 'control') }}

),

prevalence as (

    select * from {{ ref('need_prevalence') }}
    where month = (select month from control)

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

final as (

    select
        prevalence.authority,
        prevalence.need_code,
        prevalence.families,
        families.families as families_open,
    from prevalence
    left join families
        on prevalence.authority = families.authority
    where prevalence.yes + prevalence."no" + prevalence.not_known
        + prevalence.not_held <> prevalence.families
        or (
            prevalence.authority <> 'gm'
            and prevalence.families <> coalesce(families.families, 0)
        )

)

select * from final
