-- what goes on and what has ended, by service: early help closes while mental health goes on
with interventions as (

    select * from {{ ref('int_interventions') }}

),

final as (

    select
        month,
        authority,
        family_key,
        coalesce(service, 'not_known') as service,
        count(*)::integer as interventions,
        count(*) filter (where is_open)::integer as open_interventions,
        min(start_date) as first_start_date,
        case when not bool_or(is_open) then max(end_date) end as last_end_date,
        bool_or(is_open) as is_open,
        any_value(is_family_open) as is_open_in_programme,
        any_value(programme_group) as programme_group,
        min(as_of_month) as as_of_month,
    from interventions
    group by month, authority, family_key, coalesce(service, 'not_known')

)

select * from final
