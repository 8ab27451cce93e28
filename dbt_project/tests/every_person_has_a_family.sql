with control as (

    select month from {{ source('ops', 'control') }}

),

families as (

    select authority, family_key
    from {{ ref('families') }}
    where month = (select month from control)

),

people as (

    select * from {{ ref('people') }}
    where month = (select month from control)

),

final as (

    select
        people.authority,
        count(*) as without_family,
    from people
    anti join families
        on people.authority = families.authority
        and people.family_key = families.family_key
    group by people.authority

)

select * from final
