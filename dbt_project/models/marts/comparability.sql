{{ config(materialized='table') }}

-- definitions and GM's common ones are dated apart: time is cut at every day on which one of them
-- begins or ends, and each piece has the rows in force on it
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
        valid_to,
        source,
    from {{ ref('authority_declarations') }}
    where authority = 'gm' and topic = 'common_definition'

),

cuts as (

    select authorities.authority, dated.topic, dated.day
    from authorities
    inner join (
        select authority, topic, valid_from as day from definitions
        union
        select authority, topic, valid_to + 1 from definitions
        union
        select '*', topic, valid_from from common
        union
        select '*', topic, valid_to + 1 from common
    ) as dated
        on dated.authority in (authorities.authority, '*')
    where dated.day is not null

),

pieces as (

    select
        authority,
        topic,
        day as valid_from,
        lead(day) over (partition by authority, topic order by day) - 1
            as valid_to,
    from (select distinct authority, topic, day from cuts)

),

-- an authority's own row wins over one for all
compared as (

    select
        pieces.authority,
        pieces.topic,
        pieces.valid_from,
        pieces.valid_to,
        definitions.* exclude (authority, topic, valid_from, valid_to),
        common.topic is not null as is_common_declared,
        coalesce(list_contains(common.meanings, definitions.meaning), false)
            as is_common,
    from pieces
    left join definitions
        on definitions.authority in (pieces.authority, '*')
        and pieces.topic = definitions.topic
        and {{ in_force('definitions', 'pieces.valid_from') }}
    left join common
        on pieces.topic = common.topic
        and {{ in_force('common', 'pieces.valid_from') }}
    qualify row_number() over (
        partition by pieces.authority, pieces.topic, pieces.valid_from
        order by definitions.authority = '*'
    ) = 1

),

-- pieces that say the same one after the other are one
runs as (

    select
        *,
        row_number() over (
            partition by authority, topic order by valid_from
        ) - row_number() over (
            partition by
                authority, topic, definition, meaning, source_basis,
                collection_mode, source, is_common
            order by valid_from
        ) as run,
    from compared
    where definition is not null or is_common_declared

),

of_authorities as (

    select
        authority,
        topic,
        min(valid_from) as valid_from,
        if(bool_or(valid_to is null), null, max(valid_to)) as valid_to,
        coalesce(definition, 'Nothing is said yet') as definition,
        source_basis,
        collection_mode,
        is_common,
        coalesce(meaning, 'not_stated') as meaning,
        coalesce(source, 'nothing is known yet') as source,
    from runs
    group by
        authority, topic, definition, meaning, source_basis, collection_mode,
        source, is_common, run

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

    select * from of_authorities
    union all by name
    select * from of_gm

),

final as (

    select
        authority,
        topic,
        valid_from,
        valid_to,
        definition,
        source_basis,
        collection_mode,
        is_common,
        meaning,
        source,
    from unified

)

select * from final
