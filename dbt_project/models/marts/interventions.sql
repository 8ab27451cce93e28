with interventions as (

    select * from {{ ref('int_interventions') }}

),

final as (

    select
        month,
        authority,
        family_key,
        intervention_key,
        local_name,
        service,
        intensity_level,
        level_basis,
        start_date,
        end_date,
        try_cast(hours_per_week as decimal(9, 2)) as hours_per_week,
        hours_status,
        workers::integer as workers,
        workers_status,
        is_open,
        as_of_month,
    from interventions

)

select * from final
