with people as (

    select * from {{ ref('int_people') }}

),

final as (

    select
        people.month,
        people.authority,
        people.person_key,
        people.family_key,
        people.gm_person_key,
        case
            when people.is_unborn then 'unborn'
            when people.age is null then 'not_known'
            when people.age < 0 then 'not_known'
            when people.age < 4 then '0-3'
            when people.age < 11 then '4-10'
            when people.age < 16 then '11-15'
            when people.age < 18 then '16-17'
            when people.age < 25 then '18-24'
            when people.age < 50 then '25-49'
            when people.age < 65 then '50-64'
            else '65+'
        end as age_band,
        people.sex,
        people.relationship,
        people.relationship_status,
        people.is_unborn,
        people.is_listed_only_with_issues,
        people.as_of_month,
    from people

)

select * from final
