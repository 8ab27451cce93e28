-- sizes of families by group, never pooled: a comparison family may list only some of its members
with standing as (

    select distinct month, authority
    from {{ ref('stg_standing') }}

),

groups as (

    select value as programme_group
    from {{ ref('ref_values') }}
    where domain = 'programme_group'

),

families as (

    select * from {{ ref('int_families') }}
    where is_open and programme_group is not null

),

people as (

    select * from {{ ref('int_people') }}

),

sized as (

    select
        standing.month,
        standing.authority,
        groups.programme_group,
        families.family_key,
        count(people.person_key) as people,
        count(*) filter (where people.is_unborn) as unborn,
        count(*) filter (where people.relationship_status = 'observed')
            as relationship_observed,
        count(*) filter (where people.relationship_status = 'not_known')
            as relationship_not_known,
        count(*) filter (where people.relationship_status = 'not_held')
            as relationship_not_held,
        not coalesce(bool_or(families.is_listed_only_with_issues), false)
            as is_comparable,
    from standing
    cross join groups
    left join families
        on standing.authority = families.authority
        and groups.programme_group = families.programme_group
    left join people
        on families.authority = people.authority
        and families.family_key = people.family_key
    group by
        standing.month,
        standing.authority,
        groups.programme_group,
        families.family_key

),

unified as (

    select * from sized
    union all by name
    select * replace ('gm' as authority)
    from sized
    where is_comparable

),

final as (

    select
        month,
        authority,
        programme_group,
        count(family_key)::integer as families,
        sum(people)::integer as people,
        sum(unborn)::integer as unborn,
        sum(relationship_observed)::integer as relationship_observed,
        sum(relationship_not_known)::integer as relationship_not_known,
        sum(relationship_not_held)::integer as relationship_not_held,
        case when bool_and(is_comparable)
            then round(sum(people) / nullif(count(family_key), 0), 2)::double
        end as mean_size,
        bool_and(is_comparable) as is_comparable,
    from unified
    group by month, authority, programme_group

)

select * from final
