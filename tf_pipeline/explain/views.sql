-- sources of the explanations: `gm` is the published file, `warehouse` holds every delivered month

create temp macro words_key(text) as
    lower(trim(regexp_replace(text, '[\s\p{Z}\x0B\x1C-\x1F\x{85}]+', ' ', 'g')));

create temp macro holds(valid_from, valid_to, day) as
    valid_from <= day and (valid_to is null or valid_to >= day);

-- the headings of the rows, and the positions of the ids that say whose rows they are
create temp table ids as
select
    accepted.authority,
    accepted.month,
    accepted.dataset,
    names.headings,
    family.position as family_position,
    person.position as person_position,
from accepted
inner join (
    select authority, month, dataset, list(heading order by position) as headings,
    from warehouse.raw.headings
    group by authority, month, dataset
) as names
    on accepted.authority = names.authority
    and accepted.month = names.month
    and accepted.dataset = names.dataset
left join headings as family
    on accepted.authority = family.authority
    and accepted.month = family.month
    and accepted.dataset = family.dataset
    and family.field = 'local_family_id'
left join headings as person
    on accepted.authority = person.authority
    and accepted.month = person.month
    and accepted.dataset = person.dataset
    and person.field = 'local_person_id';

-- what records say about a family, topic by topic; see int_recorded
create temp view recorded as
select
    incidents.month,
    incidents.authority,
    incidents.family_key,
    recorded.topic,
    recorded.need_code,
    'incidents' as recorded_in,
    min(incidents.source_basis) as recorded_basis,
    case
        when bool_or(incidents.status = 'observed') then 'yes'
        when bool_or(incidents.status = 'not_known') then 'not_known'
        when bool_or(incidents.status in ('not_held', 'not_applicable')) then 'not_held'
        else 'no'
    end as status,
from gm.incidents as incidents
inner join warehouse.reference.ref_recorded as recorded
    on recorded.recorded_in = 'incidents'
    and incidents.incident_type = recorded.recorded_item
group by all
having count(distinct incidents.source_basis) = 1
union all by name
select
    families.month,
    families.authority,
    families.family_key,
    recorded.topic,
    recorded.need_code,
    'services' as recorded_in,
    'service' as recorded_basis,
    case
        when not bool_or(came.authority is not null) then 'not_held'
        when bool_or(interventions.service = recorded.recorded_item) then 'yes'
        when bool_or(interventions.intervention_key is not null and interventions.service is null)
            then 'not_known'
        else 'no'
    end as status,
from gm.families as families
cross join warehouse.reference.ref_recorded as recorded
left join (
    select distinct authority, month as as_of_month
    from accepted
    where dataset = 'interventions'
) as came using (authority, as_of_month)
left join gm.interventions as interventions
    on families.month = interventions.month
    and families.authority = interventions.authority
    and families.family_key = interventions.family_key
where recorded.recorded_in = 'services'
group by all;

create temp view open_programme as
select month, authority, family_key, intensity_level
from gm.families
where programme_group = 'programme' and is_open;
