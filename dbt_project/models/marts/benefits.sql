with benefits as (

    select * from {{ ref('stg_benefits') }}

),

people as (

    select * from {{ ref('int_people') }}

),

blanks as (

    select authority, value
    from {{ ref('stg_declarations') }}
    where topic = 'blank_means' and subject = 'benefits.benefit'

),

said as (

    select
        benefits.authority,
        benefits.local_person_id,
        benefits.row_number,
        coalesce(
            benefits.benefit,
            case when benefits.benefit_word is null then blanks.value end,
            'not_known'
        ) as word,
        word in ('not_known', 'not_held', 'not_applicable') as is_no_value,
    from benefits
    left join blanks
        on benefits.authority = blanks.authority

),

final as (

    select
        people.month,
        people.authority,
        people.person_key,
        case when not said.is_no_value then said.word end as benefit,
        case
            when said.word = 'none' then 'true_zero'
            when not said.is_no_value then 'observed'
            -- benefits are asked of adults: a child has none of its own to report
            when people.age < 18 or people.is_unborn then 'not_applicable'
            else said.word
        end as status,
        people.as_of_month,
    from said
    inner join people
        on said.authority = people.authority
        and said.local_person_id = people.local_person_id
    qualify row_number() over (
        partition by people.authority, people.person_key
        order by said.is_no_value, said.row_number
    ) = 1

)

select * from final
