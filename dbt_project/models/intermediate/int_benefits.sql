-- the benefit of each person listed for benefits: the first row that says something stands
with benefits as (

    select * from {{ ref('stg_benefits') }}

),

people as (

    select * from {{ ref('int_people') }}

),

said as (

    select
        benefits.authority,
        benefits.local_person_id,
        benefits.row_number,
        benefits.as_at,
        coalesce(
            benefits.benefit,
            case when benefits.benefit_word is null then blank.value end,
            'not_known'
        ) as word,
        {{ said_by(
            'benefits.benefit_word', 'benefits.benefit', 'null', 'blank.value'
        ) }} as said_rule,
        basis.value as source_basis,
        word in ('not_known', 'not_held', 'not_applicable') as is_no_value,
    from benefits
    {{ join_declared('blank', 'benefits', 'blank_means', "'benefits.benefit'") }}
    {{ join_declared('basis', 'benefits', 'source_basis', "'benefits.benefit'") }}

),

final as (

    select
        people.month,
        people.authority,
        people.person_key,
        people.family_key,
        case when not said.is_no_value then said.word end as benefit,
        case
            when said.word = 'none' then 'true_zero'
            when not said.is_no_value then 'observed'
            -- benefits are asked of adults: a child has none of its own to report
            when people.age < 18 or people.is_unborn then 'not_applicable'
            else said.word
        end as status,
        if(status = 'not_applicable', 'age', said.said_rule) as status_rule,
        coalesce(said.source_basis, 'not_known') as source_basis,
        coalesce(said.as_at, people.as_of_date) as as_at,
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
