-- who is in closures: programme families that are closed, by reason
with families as (

    select * from {{ ref('int_families') }}
    where programme_group = 'programme' and not is_open

),

levels as (

    select * from {{ ref('int_family_levels') }}

),

definitions as (

    select * from {{ ref('stg_definitions') }}
    where topic = 'closure'

),

final as (

    select
        families.month,
        families.authority,
        coalesce(families.closure_reason, 'not_known') as closure_reason,
        families.family_key,
        concat_ws(
            ' ',
            'families',
            if(levels.open_interventions > 0, 'still_open_in_any_service', null)
        ) as column_names,
        1 as amount,
        -- GM adds up only authorities that mean the same by a closure
        coalesce(definitions.is_common, false) as is_in_gm,
    from families
    inner join levels
        on families.authority = levels.authority
        and families.family_key = levels.family_key
    left join definitions
        on families.authority = definitions.authority

)

select * from final
