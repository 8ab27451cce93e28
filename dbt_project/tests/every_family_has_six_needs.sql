with control as (

    select month from {{ source('ops', 'control') }}

),

families as (

    select * from {{ ref('families') }}
    where month = (select month from control)

),

needs as (

    select
        authority,
        family_key,
        count(*) as needs,
        count(distinct need_code) as different_needs,
    from {{ ref('family_needs') }}
    where month = (select month from control)
    group by authority, family_key

),

final as (

    select
        coalesce(families.authority, needs.authority) as authority,
        count(*) as families_without_six,
    from families
    full join needs
        on families.authority = needs.authority
        and families.family_key = needs.family_key
    where families.family_key is null
        or needs.needs is distinct from 6
        or needs.different_needs <> 6
        or families.needs_yes + families.needs_no + families.needs_not_known <> 6
    group by 1

)

select * from final
