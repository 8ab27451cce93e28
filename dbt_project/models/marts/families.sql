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

-- under the framework that is in force at the end of the month
eligibility as (

    select * from {{ ref('family_eligibility') }}
    where month = (select month from {{ source('ops', 'control') }})
        and is_in_force

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
        case
            when families.closure_reason is not null then 'observed'
            when families.is_open then 'not_applicable'
            else 'not_known'
        end as closure_status,
        families.is_open,
        families.is_open or levels.open_interventions > 0
            as is_open_in_any_service,
        coalesce(members.member_count, 0)::integer as member_count,
        not families.is_listed_only_with_issues as is_member_count_complete,
        levels.intensity_level,
        nullif(levels.workers, 0)::integer as workers,
        eligibility.framework,
        eligibility.needs_yes,
        eligibility.needs_no,
        eligibility.needs_not_known,
        eligibility.is_eligible_common,
        eligibility.is_eligible_as_declared,
        families.as_of_month,
    from families
    inner join levels
        on families.authority = levels.authority
        and families.family_key = levels.family_key
    inner join eligibility
        on families.authority = eligibility.authority
        and families.family_key = eligibility.family_key
    left join members
        on families.authority = members.authority
        and families.family_key = members.family_key

)

select * from final
