with definitions as (

    select * from {{ ref('authority_definitions') }}

),

standing as (

    select distinct authority, as_of_date
    from {{ ref('stg_standing') }}

),

common as (

    select subject as topic, string_split(value, ' ') as meanings
    from {{ ref('stg_declarations') }}
    where authority = 'gm' and topic = 'common_definition'

),

-- an authority's own row wins over one for all
matched as (

    select
        standing.authority,
        definitions.* exclude (authority),
    from standing
    inner join definitions
        on definitions.authority in (standing.authority, '*')
        and {{ in_force('definitions', 'standing.as_of_date') }}
    qualify row_number() over (
        partition by standing.authority, definitions.topic
        order by definitions.authority = '*'
    ) = 1

),

final as (

    select
        matched.authority,
        matched.topic,
        matched.meaning,
        matched.source_basis,
        coalesce(list_contains(common.meanings, matched.meaning), false)
            as is_common,
    from matched
    left join common
        on matched.topic = common.topic

)

select * from final
