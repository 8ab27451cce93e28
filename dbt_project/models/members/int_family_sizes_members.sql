-- who is in family_sizes: open families and their people, by group
with families as (

    select * from {{ ref('int_families') }}
    where is_open and programme_group is not null

),

people as (

    select * from {{ ref('int_people') }}

),

listed as (

    select
        month,
        authority,
        programme_group,
        family_key,
        null as person_key,
        'families' as column_names,
        is_listed_only_with_issues,
    from families
    union all by name
    select
        families.month,
        families.authority,
        families.programme_group,
        families.family_key,
        people.person_key,
        concat_ws(
            ' ',
            'people',
            if(people.is_unborn, 'unborn', null),
            if(
                people.relationship_status in ('observed', 'not_known', 'not_held'),
                'relationship_' || people.relationship_status,
                null
            )
        ) as column_names,
        families.is_listed_only_with_issues,
    from families
    inner join people
        on families.authority = people.authority
        and families.family_key = people.family_key

),

final as (

    select
        * exclude (is_listed_only_with_issues),
        1 as amount,
        -- a comparison family may list only some of its members
        not is_listed_only_with_issues as is_in_gm,
    from listed

)

select * from final
