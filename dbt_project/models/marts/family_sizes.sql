-- sizes of families by group, never pooled: a comparison family may list only some of its members
with counted as (

    {{ figures_of(
        ref('int_family_sizes_members'),
        ['programme_group'],
        [
            'families',
            'people',
            'unborn',
            'relationship_observed',
            'relationship_not_known',
            'relationship_not_held',
        ]
    ) }}

),

incomplete as (

    select distinct authority, programme_group
    from {{ ref('int_family_sizes_members') }}
    where not is_in_gm

),

standing as (

    select distinct month, authority
    from {{ ref('stg_standing') }}

),

groups as (

    select value as programme_group
    from {{ ref('ref_values') }}
    where domain = 'programme_group'

),

by_authority as (

    select
        standing.month,
        standing.authority,
        groups.programme_group,
        incomplete.authority is null as is_comparable,
    from standing
    cross join groups
    left join incomplete
        on standing.authority = incomplete.authority
        and groups.programme_group = incomplete.programme_group

),

unified as (

    select * from by_authority
    union
    select month, 'gm' as authority, programme_group, is_comparable
    from by_authority
    where is_comparable

),

final as (

    select
        unified.month,
        unified.authority,
        unified.programme_group,
        coalesce(counted.families, 0)::integer as families,
        coalesce(counted.people, 0)::integer as people,
        coalesce(counted.unborn, 0)::integer as unborn,
        coalesce(counted.relationship_observed, 0)::integer
            as relationship_observed,
        coalesce(counted.relationship_not_known, 0)::integer
            as relationship_not_known,
        coalesce(counted.relationship_not_held, 0)::integer
            as relationship_not_held,
        case when unified.is_comparable
            then round(counted.people / nullif(counted.families, 0), 2)::double
        end as mean_size,
        unified.is_comparable,
    from unified
    left join counted
        on unified.authority = counted.authority
        and unified.programme_group = counted.programme_group

)

select * from final
