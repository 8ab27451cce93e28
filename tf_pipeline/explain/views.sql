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
