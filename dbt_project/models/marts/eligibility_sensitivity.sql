-- how many families each ruling on ESA support group makes eligible, each need on its authority's
-- own definition; a family decided by the ruling alone is in family_eligibility
with control as (

    select month from {{ source('ops', 'control') }}

),

standing as (

    select distinct month, authority
    from {{ ref('stg_standing') }}

),

-- whether an authority can say which needs rest on ESA support group alone, and who receives it
decidable as (

    select
        standing.authority,
        bool_or(standing.dataset = 'benefits')
        and bool_or(
            declared.value = 'no'
            or len(list_filter(
                map_keys(headings.fields),
                lambda field: field = 'need_source' or field like '%_basis'
            )) > 0
        ) as is_decidable,
    from {{ ref('stg_standing') }} as standing
    left join {{ ref('stg_declarations') }} as declared
        on standing.authority = declared.authority
        and declared.topic = 'esa_support_counts_as_health'
    left join {{ ref('stg_headings') }} as headings
        on standing.authority = headings.authority
        and headings.dataset = 'needs'
    group by standing.authority

),

frameworks as (

    select * from {{ ref('ref_frameworks') }}

),

families as (

    select * from {{ ref('family_eligibility') }}
    where month = (select month from control)
        and is_in_force
        and programme_group = 'programme'
        and is_open

),

counted as (

    select
        standing.month,
        coalesce(standing.authority, 'gm') as authority,
        count(families.family_key) as families,
        count(*) filter (where families.is_eligible_support_counted)
            as eligible_support_group_counted,
        count(*) filter (where families.is_eligible_support_not_counted)
            as eligible_support_group_not_counted,
        count(*) filter (where families.is_decided_by_support_group) as changed,
        count(*) filter (where families.is_eligible_as_declared)
            as eligible_as_declared,
        count(*) filter (where families.is_eligible_common) as eligible_common,
        coalesce(bool_and(decidable.is_decidable), false) as is_decidable,
    from standing
    inner join decidable
        on standing.authority = decidable.authority
    left join families
        on standing.authority = families.authority
    group by grouping sets (
        (standing.month, standing.authority), (standing.month)
    )

),

final as (

    select
        counted.month,
        counted.authority,
        counted.families::integer as families,
        counted.eligible_support_group_counted::integer
            as eligible_support_group_counted,
        counted.eligible_support_group_not_counted::integer
            as eligible_support_group_not_counted,
        counted.changed::integer as changed,
        counted.eligible_as_declared::integer as eligible_as_declared,
        counted.eligible_common::integer as eligible_common,
        frameworks.framework,
        frameworks.needs_required,
        counted.is_decidable,
    from counted
    inner join frameworks
        on {{ in_force(
            'frameworks', "last_day(cast(counted.month || '-01' as date))"
        ) }}

)

select * from final
