-- interventions of programme families, by whether they have a level, and why
with said as (
    select
        interventions.month,
        interventions.authority as of_authority,
        interventions.family_key,
        interventions.intervention_key,
        unnest([
            'interventions',
            case
                when interventions.intensity_level <> 'unclassified' then 'with_level'
                when rules.level_rule is null then 'not_in_crosswalk'
                when rules.level_rule = 'none'
                    or (rules.level_rule = 'as_supplied' and rules.intensity_level is null)
                    then 'fit_no_level'
                else 'level_missing'
            end,
            if(interventions.is_open, 'open_interventions', null),
            if(
                interventions.is_open and interventions.intensity_level <> 'unclassified',
                'open_with_level',
                null
            )
        ]) as column_name,
    from gm.interventions as interventions
    inner join gm.families as families using (month, authority, family_key)
    left join (
        select distinct authority, local_name, level_rule, intensity_level, valid_from, valid_to
        from gm.intensity_crosswalk
    ) as rules
        on interventions.authority = rules.authority
        and interventions.local_name = rules.local_name
        and holds(
            rules.valid_from,
            rules.valid_to,
            last_day(cast(interventions.as_of_month || '-01' as date))
        )
    where families.programme_group = 'programme'
)

select *, unnest([of_authority, 'gm']) as authority
from said
where column_name is not null
