with control as (

    select month from {{ source('ops', 'control') }}

),

sources as (

    select * from {{ ref('need_sources') }}
    where month = (select month from control)

),

prevalence as (

    select authority, need_code, families, yes
    from {{ ref('need_prevalence') }}
    where month = (select month from control)

),

-- whatever the authority says yes to rests on one basis or on several, and on none alone on more
summed as (

    select
        authority,
        need_code,
        sum(yes) filter (where measured_by = 'needs') as yes,
        max(yes) filter (where measured_by = 'needs') as most_yes,
        max(families) as most_families,
        min(families) filter (where measured_by = 'needs') as fewest_families,
        count(*) filter (
            where yes + "no" + not_known + not_held <> families
        ) as rows_off,
    from sources
    group by authority, need_code

),

final as (

    select
        prevalence.authority,
        prevalence.need_code,
        prevalence.yes,
        summed.yes as yes_summed,
    from prevalence
    left join summed
        on prevalence.authority = summed.authority
        and prevalence.need_code = summed.need_code
    where prevalence.authority <> 'gm'
        and prevalence.families > 0
        and (
            coalesce(summed.yes, 0) < prevalence.yes
            or summed.most_yes > prevalence.yes
            or summed.fewest_families <> prevalence.families
            or summed.most_families > prevalence.families
            or summed.rows_off > 0
        )

)

select * from final
