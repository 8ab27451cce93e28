-- an authority's own meaning of a topic wins over one for all
select
    deliveries_read.authority,
    concat_ws(', ', definitions.topic || ': ' || definitions.definition, definitions.source_basis)
        as says,
    definitions.valid_from,
    definitions.valid_to,
    definitions.reviewed_by,
    definitions.source as reason,
from topics_read
cross join deliveries_read
inner join warehouse.reference.authority_definitions as definitions
    on definitions.authority in (deliveries_read.authority, '*')
    and topics_read.topic = definitions.topic
    and holds(definitions.valid_from, definitions.valid_to, deliveries_read.as_of_date)
qualify row_number() over (
    partition by deliveries_read.authority, definitions.topic
    order by definitions.authority = '*'
) = 1
order by all
