with needs as (

    select * from {{ ref('int_family_needs') }}
    where programme_group = 'programme'
        and is_open

),

in_use as (

    select * from {{ ref('int_needs_in_use') }}

),

counted as (

    select
        authority,
        need_code,
        count(*) as families,
        count(*) filter (where status = 'yes') as yes,
        count(*) filter (where status = 'no') as "no",
        count(*) filter (where status = 'not_known') as not_known,
        count(*) filter (where status = 'not_held') as not_held,
        count(*) filter (where status_common = 'yes') as yes_common,
        count(*) filter (where status_common = 'no') as no_common,
    from needs
    group by authority, need_code

),

by_authority as (

    select
        in_use.month,
        in_use.authority,
        in_use.framework,
        in_use.need_code,
        coalesce(counted.families, 0) as families,
        coalesce(counted.yes, 0) as yes,
        coalesce(counted."no", 0) as "no",
        coalesce(counted.not_known, 0) as not_known,
        coalesce(counted.not_held, 0) as not_held,
        in_use.is_comparable,
        -- on GM's common definition there is no figure where the definition is another
        case when in_use.is_comparable then coalesce(counted.yes_common, 0) end
            as yes_common,
        case when in_use.is_comparable then coalesce(counted.no_common, 0) end
            as no_common,
        in_use.source_basis,
        in_use.authority as authorities_in_rate,
        -- where no is never recorded the rate is 1 by its making
        coalesce(
            counted.yes > 0 and counted."no" = 0 and counted.not_held > 0, false
        ) as is_one_sided,
    from in_use
    left join counted
        on in_use.authority = counted.authority
        and in_use.need_code = counted.need_code

),

-- GM adds up only what means the same and can say both yes and no
gm as (

    select
        month,
        'gm' as authority,
        framework,
        need_code,
        sum(families) as families,
        sum(yes) as yes,
        sum("no") as "no",
        sum(not_known) as not_known,
        sum(not_held) as not_held,
        true as is_comparable,
        sum(yes_common) as yes_common,
        sum(no_common) as no_common,
        string_agg(distinct source_basis, ' | ' order by source_basis)
            as source_basis,
        string_agg(authority, ' ' order by authority) as authorities_in_rate,
        false as is_one_sided,
    from by_authority
    where is_comparable and not is_one_sided
    group by month, framework, need_code

),

unified as (

    select * from by_authority
    union all by name
    select * from gm

),

final as (

    select
        month,
        authority,
        need_code,
        families::integer as families,
        yes::integer as yes,
        "no"::integer as "no",
        not_known::integer as not_known,
        not_held::integer as not_held,
        round(yes / nullif(yes + "no", 0), 4)::double as rate,
        yes_common::integer as yes_common,
        no_common::integer as no_common,
        round(yes_common / nullif(yes_common + no_common, 0), 4)::double
            as rate_common,
        is_comparable,
        source_basis,
        authorities_in_rate,
        round((yes + "no") / nullif(families, 0), 4)::double as known_share,
        is_one_sided,
        framework,
    from unified

)

select * from final
