with families as (

    select * from {{ ref('int_families') }}

),

levels as (

    select * from {{ ref('int_family_levels') }}

),

members as (

    select
        authority,
        family_key,
        count(*) as member_count,
    from {{ ref('int_people') }}
    group by authority, family_key

),

needs as (

    select
        authority,
        family_key,
        count(*) filter (where status = 'yes') as needs_yes,
        count(*) filter (where status = 'no') as needs_no,
        count(*) filter (where status in ('not_known', 'not_held'))
            as needs_not_known,
        count(*) filter (where status_esa_ruled = 'yes') as needs_yes_common,
    from {{ ref('int_family_needs') }}
    group by authority, family_key

),

threshold as (

    select max(value::integer) as needs_for_eligibility,
    from {{ ref('stg_declarations') }}
    where authority = 'gm'
        and topic = 'needs_for_eligibility'
        and subject = 'six_problems'

),

final as (

    select
        families.month,
        families.authority,
        families.family_key,
        families.programme_group,
        families.start_date,
        families.end_date,
        families.closure_reason,
        families.is_open,
        families.is_open or levels.open_interventions > 0
            as is_open_in_any_service,
        coalesce(members.member_count, 0)::integer as member_count,
        levels.intensity_level,
        needs.needs_yes::integer as needs_yes,
        needs.needs_no::integer as needs_no,
        needs.needs_not_known::integer as needs_not_known,
        needs.needs_yes_common >= threshold.needs_for_eligibility
            as is_eligible_common,
        needs.needs_yes >= threshold.needs_for_eligibility
            as is_eligible_as_declared,
        families.as_of_month,
    from families
    cross join threshold
    inner join levels
        on families.authority = levels.authority
        and families.family_key = levels.family_key
    inner join needs
        on families.authority = needs.authority
        and families.family_key = needs.family_key
    left join members
        on families.authority = members.authority
        and families.family_key = members.family_key

)

select * from final
