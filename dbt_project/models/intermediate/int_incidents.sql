-- one count a family and kind of incident: the month's own
with incidents as (

    select * from {{ ref('stg_incidents') }}

),

families as (

    select * from {{ ref('int_families') }}

),

-- a late file may bring earlier months along: a month's count is its own, never two months' sum;
-- a month that lies ahead or cannot be read counts for nothing, nor does it decide the latest
dated as (

    select
        *,
        month_rule is null as is_dated,
        is_dated
        and incident_month is not distinct from
        max(incident_month) filter (where month_rule is null) over (
            partition by authority
        ) as is_latest,
    from incidents

),

summed as (

    select
        families.month,
        families.authority,
        families.family_key,
        families.is_open,
        families.is_counted,
        dated.incident_type,
        (sum(dated.incident_count) filter (where dated.is_latest))::integer
            as incident_count,
        (
            sum(dated.incident_count)
            filter (where dated.is_dated and not dated.is_latest)
        )::integer as earlier_count,
        case
            when sum(dated.incident_count) filter (where dated.is_latest) > 0
                then 'observed'
            -- counts are asked for families open at month end
            when not families.is_open
                and count(dated.incident_count) filter (where dated.is_dated) = 0
                then 'not_applicable'
            when bool_or(dated.status = 'not_held' and dated.is_latest)
                then 'not_held'
            when bool_or(dated.status = 'not_known' and dated.is_latest)
                then 'not_known'
            when bool_or(dated.status = 'not_applicable' and dated.is_latest)
                then 'not_applicable'
            when bool_or(dated.is_latest) then 'true_zero'
            -- only earlier months, or none that counts, name the family
            else 'not_held'
        end as status,
        (
            count(distinct dated.incident_month) filter (where dated.is_dated)
        )::integer as months_covered,
        strftime(
            max(dated.incident_month) filter (where dated.is_latest), '%Y-%m'
        ) as period,
        -- of several rows the one that decided
        arg_max(dated.status_rule, (
            dated.is_latest,
            coalesce(dated.incident_count, 0),
            dated.status in ('not_held', 'not_known')
        )) as status_rule,
        coalesce(min(dated.source_basis), 'not_known') as source_basis,
        min(families.as_of_month) as as_of_month,
    from dated
    inner join families
        on dated.authority = families.authority
        and dated.local_family_id = families.local_family_id
    group by
        families.month,
        families.authority,
        families.family_key,
        families.is_open,
        families.is_counted,
        dated.incident_type

),

final as (

    select
        month,
        authority,
        family_key,
        is_counted,
        incident_type,
        -- a zero next to something unknown is not a zero
        case when status in ('observed', 'true_zero') then incident_count end
            as incident_count,
        status,
        case status when 'not_applicable' then 'closed_family' else status_rule end
            as status_rule,
        source_basis,
        period,
        months_covered,
        earlier_count,
        as_of_month,
    from summed

)

select * from final
