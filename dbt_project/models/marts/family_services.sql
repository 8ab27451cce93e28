-- what goes on and what has ended, by service: early help closes while mental health goes on
with members as (

    select * from {{ ref('int_family_services_members') }}

),

counted as (

    {{ figures_of(
        ref('int_family_services_members'),
        ['family_key', 'service'],
        ['interventions', 'open_interventions']
    ) }}

),

interventions as (

    select * from {{ ref('int_interventions') }}

),

dated as (

    select
        members.month,
        members.authority,
        members.family_key,
        members.service,
        min(interventions.start_date) as first_start_date,
        max(interventions.end_date) as last_end_date,
        any_value(interventions.is_family_open) as is_open_in_programme,
        any_value(interventions.programme_group) as programme_group,
        min(interventions.as_of_month) as as_of_month,
    from members
    inner join interventions
        on members.authority = interventions.authority
        and members.family_key = interventions.family_key
        and members.intervention_key = interventions.intervention_key
    group by
        members.month, members.authority, members.family_key, members.service

),

final as (

    select
        dated.month,
        dated.authority,
        dated.family_key,
        dated.service,
        counted.interventions::integer as interventions,
        counted.open_interventions::integer as open_interventions,
        dated.first_start_date,
        case when counted.open_interventions = 0
            then dated.last_end_date
        end as last_end_date,
        counted.open_interventions > 0 as is_open,
        dated.is_open_in_programme,
        dated.programme_group,
        dated.as_of_month,
    from dated
    inner join counted
        on dated.authority = counted.authority
        and dated.family_key = counted.family_key
        and dated.service = counted.service

)

select * from final
