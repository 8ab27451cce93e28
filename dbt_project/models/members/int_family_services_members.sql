-- who is in family_services: a family's interventions of one kind of service
with interventions as (

    select * from {{ ref('int_interventions') }}

),

final as (

    select
        month,
        authority,
        coalesce(service, 'not_known') as service,
        family_key,
        intervention_key,
        concat_ws(
            ' ', 'interventions', if(is_open, 'open_interventions', null)
        ) as column_names,
        1 as amount,
        false as is_in_gm,
    from interventions

)

select * from final
