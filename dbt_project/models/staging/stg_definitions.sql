with definitions as (

    select * from {{ ref('authority_definitions') }}

),

standing as (

    select distinct authority, as_of_date
    from {{ ref('stg_standing') }}

),

final as (

    select
        definitions.authority,
        definitions.topic,
        definitions.source_basis,
        definitions.is_common,
    from definitions
    inner join standing
        on definitions.authority = standing.authority
        and {{ in_force('definitions', 'standing.as_of_date') }}

)

select * from final
