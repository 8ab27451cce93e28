-- the benefit of each person listed for benefits: the first row that says something stands
with benefits as (

    select
        *,
        status not in ('observed', 'true_zero') as is_no_value,
    from {{ ref('stg_benefits') }}

),

people as (

    select
        *,
        -- benefits are asked of adults: a child has none of its own to report
        age < 18 or is_unborn as is_not_asked,
    from {{ ref('int_people') }}

),

final as (

    select
        people.month,
        people.authority,
        people.person_key,
        people.family_key,
        benefits.benefit,
        if(
            benefits.is_no_value and people.is_not_asked,
            'not_applicable',
            benefits.status
        ) as status,
        if(
            benefits.is_no_value and people.is_not_asked,
            'age',
            benefits.status_rule
        ) as status_rule,
        benefits.source_basis,
        coalesce(benefits.as_at, people.as_of_date) as as_at,
        people.as_of_month,
    from benefits
    inner join people
        on benefits.authority = people.authority
        and benefits.local_person_id = people.local_person_id
    qualify row_number() over (
        partition by people.authority, people.person_key
        order by benefits.is_no_value, benefits.row_number
    ) = 1

)

select * from final
