-- declarations of the fields read and of the topics, by the authority or by GM
with of_fields as (
    select distinct declarations.*
    from fields_read
    inner join deliveries_read using (authority, month)
    cross join month_read
    inner join warehouse.reference.authority_declarations as declarations
        on declarations.authority in (fields_read.authority, 'gm')
        and declarations.subject in (
            fields_read.dataset || '.' || fields_read.field,
            fields_read.dataset || '.*',
            fields_read.dataset
        )
        and holds(
            declarations.valid_from,
            declarations.valid_to,
            if(declarations.authority = 'gm', month_end, deliveries_read.as_of_date)
        )
),

of_topics as (
    select declarations.*
    from topics_read
    cross join month_read
    inner join warehouse.reference.authority_declarations as declarations
        on declarations.authority = 'gm'
        and declarations.topic = 'common_definition'
        and declarations.subject = topics_read.topic
        and holds(declarations.valid_from, declarations.valid_to, month_end)
)

select
    authority,
    concat(topic, ' of ', subject, ': ', value) as says,
    valid_from,
    valid_to,
    reviewed_by,
    concat_ws('; ', source, reason) as reason,
from (
    select * from of_fields
    union
    select * from of_topics
)
order by all
