-- open programme families under the current framework, by the rulings that make them eligible
with said as (
    select
        month,
        authority as of_authority,
        family_key,
        unnest([
            'families',
            if(is_eligible_support_counted, 'eligible_support_group_counted', null),
            if(is_eligible_support_not_counted, 'eligible_support_group_not_counted', null),
            if(is_decided_by_support_group, 'changed', null),
            if(is_eligible_as_declared, 'eligible_as_declared', null),
            if(is_eligible_common, 'eligible_common', null)
        ]) as column_name,
    from gm.family_eligibility
    where is_in_force and programme_group = 'programme' and is_open
)

select *, unnest([of_authority, 'gm']) as authority
from said
where column_name is not null
