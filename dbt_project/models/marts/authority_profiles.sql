{{ config(materialized='table') }}

-- the map of the differences; an authority without a declaration has a row that says so
with authorities as (

    select * from {{ ref('ref_authorities') }}

),

profiles as (

    select * from {{ ref('profile_declarations') }}

),

final as (

    select
        authorities.authority,
        coalesce(profiles.valid_from, date '2014-09-01') as valid_from,
        profiles.valid_to,
        coalesce(profiles.database, 'not known') as database,
        coalesce(profiles.collection_mode, 'not_known') as collection_mode,
        coalesce(profiles.team, 'not_known') as team,
        coalesce(profiles.analysts_sit, 'not known') as analysts_sit,
        coalesce(profiles.training, 'not known') as training,
        coalesce(profiles.source, 'nothing is known yet') as source,
    from authorities
    left join profiles
        on authorities.authority = profiles.authority

)

select * from final
