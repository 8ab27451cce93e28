-- sources of the explanations: `gm` is the published file, `warehouse` holds every delivered month

create temp macro words_key(text) as
    lower(trim(regexp_replace(text, '[\s\p{Z}\x0B\x1C-\x1F\x{85}]+', ' ', 'g')));

create temp macro holds(valid_from, valid_to, day) as
    valid_from <= day and (valid_to is null or valid_to >= day);

-- every accepted delivery, not only the current ones
create temp table accepted as
select
    authority,
    month,
    dataset,
    date_formats,
    last_day(cast(month || '-01' as date)) as as_of_date,
from warehouse.raw.accepted;

-- rows of the heading crosswalk, and each field's own name; see the macro known_headings
create temp view known_headings as
select *, if(authority = '*', 2, 1) as preference
from warehouse.reference.xwalk_headings
union all by name
select
    '*' as authority, dataset, field as heading, field, date '1900-01-01' as valid_from,
    'role:gm-analyst' as reviewed_by, 'GM''s own heading' as note, 3 as preference,
from warehouse.reference.ref_fields;

-- the one heading read for a field, and its crosswalk row; see stg_headings
create temp table headings as
with matched as (
    select
        accepted.authority,
        accepted.month,
        accepted.dataset,
        accepted.as_of_date,
        crosswalk.field,
        delivered.heading,
        delivered.position,
        crosswalk.authority = '*' as is_common,
        crosswalk.* exclude (authority, dataset, heading, field),
    from accepted
    inner join warehouse.raw.headings as delivered
        on accepted.authority = delivered.authority
        and accepted.month = delivered.month
        and accepted.dataset = delivered.dataset
    inner join known_headings as crosswalk
        on crosswalk.authority in (accepted.authority, '*')
        and accepted.dataset = crosswalk.dataset
        and words_key(delivered.heading) = words_key(crosswalk.heading)
        and holds(crosswalk.valid_from, crosswalk.valid_to, accepted.as_of_date)
    qualify case
        when crosswalk.preference < 3
            then crosswalk.preference = min(crosswalk.preference) over (
                partition by
                    accepted.authority,
                    accepted.month,
                    accepted.dataset,
                    words_key(delivered.heading)
            )
        else min(crosswalk.preference) over (
            partition by
                accepted.authority,
                accepted.month,
                delivered.file_name,
                delivered.sheet,
                words_key(delivered.heading)
        ) = 3
    end
)

select *
from matched
where field <> 'IGNORE'
qualify row_number() over (
    partition by authority, month, dataset, field
    order by preference, position
) = 1;

-- the most specific crosswalk row of a word; see stg_words
create temp view words as
with crosswalk as (
    select *, (dataset = '*')::integer + (field = '*')::integer as generality
    from warehouse.reference.xwalk_values
    union all by name
    select
        accepted.authority, fields.dataset, fields.field, vocabulary.value as delivered,
        vocabulary.value as canonical, date '1900-01-01' as valid_from,
        'role:gm-analyst' as reviewed_by, 'GM''s own word' as note, 3 as generality,
    from (select distinct authority, dataset from accepted) as accepted
    inner join warehouse.reference.ref_fields as fields using (dataset)
    inner join warehouse.reference.ref_values as vocabulary using (domain)
)

select
    accepted.authority,
    accepted.month,
    fields.dataset,
    fields.field,
    words_key(crosswalk.delivered) as word,
    crosswalk.* exclude (authority, dataset, field, generality),
from accepted
inner join warehouse.reference.ref_fields as fields
    on accepted.dataset = fields.dataset
inner join crosswalk
    on accepted.authority = crosswalk.authority
    and crosswalk.dataset in (fields.dataset, '*')
    and crosswalk.field in (fields.field, '*')
    and holds(crosswalk.valid_from, crosswalk.valid_to, accepted.as_of_date)
qualify row_number() over (
    partition by accepted.authority, accepted.month, fields.dataset, fields.field, word
    order by crosswalk.generality, crosswalk.canonical
) = 1;

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
