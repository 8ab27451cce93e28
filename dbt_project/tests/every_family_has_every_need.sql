with control as (

    select month from {{ source('ops', 'control') }}

),

families as (

    select * from {{ ref('families') }}
    where month = (select month from control)

),

in_use as (

    select authority, count(*) as needs
    from {{ ref('int_needs_in_use') }}
    group by authority

),

criteria as (

    select framework, count(distinct criterion) as criteria
    from {{ ref('ref_framework_needs') }}
    group by framework

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
        count(*) as families_without_all,
    from families
    full join needs
        on families.authority = needs.authority
        and families.family_key = needs.family_key
    left join in_use
        on coalesce(families.authority, needs.authority) = in_use.authority
    left join criteria
        on families.framework = criteria.framework
    where families.family_key is null
        or needs.needs is distinct from in_use.needs
        or needs.different_needs <> needs.needs
        or families.needs_yes + families.needs_no + families.needs_not_known
        is distinct from criteria.criteria
    group by 1

)

select * from final
