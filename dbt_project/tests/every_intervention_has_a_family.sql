with control as (

    select month from {{ source('ops', 'control') }}

),

families as (

    select authority, family_key
    from {{ ref('families') }}
    where month = (select month from control)

),

interventions as (

    select * from {{ ref('interventions') }}
    where month = (select month from control)

),

final as (

    select
        interventions.authority,
        count(*) as without_family,
    from interventions
    anti join families
        on interventions.authority = families.authority
        and interventions.family_key = families.family_key
    group by interventions.authority

)

select * from final
