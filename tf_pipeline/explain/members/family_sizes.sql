-- open families and their people by group; GM leaves out families with an incomplete list
with families as (
    select month, authority as of_authority, family_key, programme_group, is_member_count_complete
    from gm.families
    where is_open and programme_group is not null
),

said as (
    select *, cast(null as varchar) as person_key, 'families' as column_name
    from families
    union all by name
    select
        families.*,
        people.person_key,
        unnest([
            'people',
            if(people.is_unborn, 'unborn', null),
            'relationship_' || people.relationship_status
        ]) as column_name,
    from families
    inner join gm.people as people
        on families.month = people.month
        and families.of_authority = people.authority
        and families.family_key = people.family_key
)

select * exclude (is_member_count_complete), of_authority as authority
from said
where column_name is not null
union all by name
select * exclude (is_member_count_complete), 'gm' as authority
from said
where is_member_count_complete and column_name is not null
