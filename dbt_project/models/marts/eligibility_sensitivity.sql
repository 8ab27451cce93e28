-- how many families each ruling on ESA support group makes eligible, each need on its authority's
-- own definition; a family decided by the ruling alone is in family_eligibility
with counted as (

    {{ figures_of(
        ref('int_eligibility_sensitivity_members'),
        [],
        [
            'families',
            'eligible_support_group_counted',
            'eligible_support_group_not_counted',
            'changed',
            'eligible_as_declared',
            'eligible_common',
        ]
    ) }}

),

-- whether an authority can say which needs rest on ESA support group alone, and who receives it
decidable as (

    select
        standing.month,
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
    group by standing.month, standing.authority

),

unified as (

    select
        month,
        coalesce(authority, 'gm') as authority,
        coalesce(bool_and(is_decidable), false) as is_decidable,
    from decidable
    group by grouping sets ((month, authority), (month))

),

frameworks as (

    select * from {{ ref('ref_frameworks') }}

),

final as (

    select
        unified.month,
        unified.authority,
        coalesce(counted.families, 0)::integer as families,
        coalesce(counted.eligible_support_group_counted, 0)::integer
            as eligible_support_group_counted,
        coalesce(counted.eligible_support_group_not_counted, 0)::integer
            as eligible_support_group_not_counted,
        coalesce(counted.changed, 0)::integer as changed,
        coalesce(counted.eligible_as_declared, 0)::integer
            as eligible_as_declared,
        coalesce(counted.eligible_common, 0)::integer as eligible_common,
        frameworks.framework,
        frameworks.needs_required,
        unified.is_decidable,
    from unified
    left join counted
        on unified.authority = counted.authority
    inner join frameworks
        on {{ in_force(
            'frameworks', "last_day(cast(unified.month || '-01' as date))"
        ) }}

)

select * from final
