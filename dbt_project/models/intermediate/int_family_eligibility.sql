-- eligibility is never stored with the needs: it follows from a framework and a ruling
with criteria as (

    select * from {{ ref('int_family_criteria') }}

),

counted as (

    select
        month,
        authority,
        family_key,
        framework,
        is_in_force,
        programme_group,
        is_open,
        is_counted,
        needs_required,
        count(*) filter (where status = 'yes') as needs_yes,
        count(*) filter (where status = 'no') as needs_no,
        count(*) filter (where status in ('not_known', 'not_held'))
            as needs_not_known,
        count(*) filter (where status_common = 'yes') as needs_yes_common,
        count(*) filter (where status_support_counted = 'yes')
            as needs_yes_support_counted,
        count(*) filter (where status_support_not_counted = 'yes')
            as needs_yes_support_not_counted,
        min(as_of_month) as as_of_month,
    from criteria
    group by all

),

final as (

    select
        month,
        authority,
        family_key,
        framework,
        is_in_force,
        programme_group,
        is_open,
        is_counted,
        needs_required,
        needs_yes::integer as needs_yes,
        needs_no::integer as needs_no,
        needs_not_known::integer as needs_not_known,
        needs_yes_common::integer as needs_yes_common,
        needs_yes_support_counted::integer as needs_yes_support_counted,
        needs_yes_support_not_counted::integer as needs_yes_support_not_counted,
        needs_yes >= needs_required as is_eligible_as_declared,
        needs_yes_common >= needs_required as is_eligible_common,
        needs_yes_support_counted >= needs_required
            as is_eligible_support_counted,
        needs_yes_support_not_counted >= needs_required
            as is_eligible_support_not_counted,
        is_eligible_support_counted and not is_eligible_support_not_counted
            as is_decided_by_support_group,
        as_of_month,
    from counted

)

select * from final
