with benefits as (

    select * from {{ ref('stg_benefits') }}

),

people as (

    select * from {{ ref('int_people') }}

),

final as (

    select
        people.month,
        people.authority,
        people.person_key,
        case
            when benefits.benefit <> 'not_known' then benefits.benefit
        end as benefit,
        case
            when benefits.benefit = 'none' then 'true_zero'
            when benefits.benefit <> 'not_known' then 'observed'
            -- benefits are asked of adults: a child has none of its own to report
            when people.age < 18 or people.is_unborn then 'not_applicable'
            else 'not_known'
        end as status,
        people.as_of_month,
    from benefits
    inner join people
        on benefits.authority = people.authority
        and benefits.local_person_id = people.local_person_id
    qualify row_number() over (
        partition by people.authority, people.person_key
        order by
            (benefits.benefit is null or benefits.benefit = 'not_known')::integer,
            benefits.row_number
    ) = 1

)

select * from final
