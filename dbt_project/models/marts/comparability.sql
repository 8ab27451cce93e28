{{ config(materialized='table') }}

-- definitions and GM's common ones are dated apart: a row holds while both do
with definitions as (

    select * from {{ ref('authority_definitions') }}

),

authorities as (

    select authority from {{ ref('ref_authorities') }}

),

meanings as (

    select * from {{ ref('ref_meanings') }}

),

common as (

    select
        subject as topic,
        string_split(value, ' ') as meanings,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to,
        source,
    from {{ ref('authority_declarations') }}
    where authority = 'gm' and topic = 'common_definition'

),

-- a row for all stands for every authority that has none of its own on the topic
own as (

    select
        authorities.authority,
        definitions.* exclude (authority, valid_to),
        coalesce(definitions.valid_to, date '9999-12-31') as valid_to,
    from authorities
    inner join definitions
        on definitions.authority in (authorities.authority, '*')
    qualify definitions.authority <> '*'
        or not bool_or(definitions.authority <> '*') over (
            partition by authorities.authority, definitions.topic
        )

),

compared as (

    select
        own.authority,
        own.topic,
        greatest(own.valid_from, coalesce(common.valid_from, own.valid_from))
            as valid_from,
        least(own.valid_to, coalesce(common.valid_to, own.valid_to))
            as valid_to,
        own.definition,
        own.source_basis,
        own.collection_mode,
        coalesce(list_contains(common.meanings, own.meaning), false)
            as is_common,
        own.meaning,
        own.source,
    from own
    left join common
        on own.topic = common.topic
        and own.valid_from <= common.valid_to
        and common.valid_from <= own.valid_to

),

-- what GM takes to be one
of_gm as (

    select
        'gm' as authority,
        common.topic,
        common.valid_from,
        common.valid_to,
        string_agg(meanings.label, '; or: ' order by meanings.label)
            as definition,
        cast(null as varchar) as source_basis,
        cast(null as varchar) as collection_mode,
        true as is_common,
        string_agg(meanings.meaning, ' ' order by meanings.meaning) as meaning,
        common.source,
    from common
    inner join meanings
        on common.topic = meanings.topic
        and list_contains(common.meanings, meanings.meaning)
    group by common.topic, common.valid_from, common.valid_to, common.source

),

unified as (

    select * from compared
    union all by name
    select * from of_gm

),

final as (

    select
        authority,
        topic,
        valid_from,
        nullif(valid_to, date '9999-12-31') as valid_to,
        definition,
        source_basis,
        collection_mode,
        is_common,
        meaning,
        source,
    from unified

)

select * from final
