-- open programme families by the status of their incidents; without a row, nothing is held
with kinds as (
    select distinct month, authority, incident_type from gm.incident_summary
),

said as (
    select
        families.month,
        families.authority as of_authority,
        families.family_key,
        kinds.incident_type,
        incidents.count as amount,
        unnest([
            'families',
            case
                when incidents.status in ('observed', 'true_zero') then 'families_known'
                when incidents.status = 'not_known' then 'not_known'
                else 'not_held'
            end,
            if(incidents.status = 'observed', 'families_with_any', null),
            if(incidents.status in ('observed', 'true_zero'), 'incidents', null)
        ]) as column_name,
    from open_programme as families
    inner join kinds using (month, authority)
    left join gm.incidents as incidents using (month, authority, family_key, incident_type)
),

counted as (
    select * replace (if(column_name = 'incidents', amount, 1) as amount)
    from said
    where column_name is not null
)

select *, of_authority as authority from counted
union all by name
select counted.*, 'gm' as authority
from counted
inner join gm.incident_summary as figure
    on counted.month = figure.month
    and counted.incident_type = figure.incident_type
    and figure.authority = 'gm'
    and list_contains(string_split(figure.authorities_in_rate, ' '), counted.of_authority)
