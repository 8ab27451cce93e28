-- a status for every family and every need it is read by, on the authority's own rule and under
-- each ruling on ESA support group; no row at all means that nothing is held
with families as (

    select * from {{ ref('int_families') }}

),

needs as (

    select * from {{ ref('int_needs_in_use') }}

),

delivered as (

    select
        *,
        case status
            when 'yes' then 1
            when 'no' then 2
            when 'not_known' then 3
            else 4
        end as strength,
    from {{ ref('stg_needs') }}

),

-- needs that ESA support group may count as, and whether it does for GM
rulings as (

    select subject, value = 'yes' as is_support_counted
    from {{ ref('stg_declarations') }}
    where authority = 'gm'
        and topic = 'common_esa_support_counts_as_health'

),

-- whoever receives it, also beside another benefit
supported as (

    select distinct people.authority, people.family_key
    from {{ ref('stg_benefits') }} as benefits
    inner join {{ ref('int_people') }} as people
        on benefits.authority = people.authority
        and benefits.local_person_id = people.local_person_id
    where benefits.benefit = 'esa_support'

),

-- a family reported twice: what somebody found wins over what somebody did not
strongest as (

    select *
    from delivered
    qualify row_number() over (
        partition by authority, local_family_id, need_code
        -- a need that another finding bears as well does not rest on ESA support group alone
        order by strength, is_esa_support_only, file_name, row_number
    ) = 1

),

joined as (

    select
        families.month,
        families.authority,
        families.as_of_month,
        families.family_key,
        families.is_counted,
        needs.framework,
        needs.need_code,
        needs.need,
        coalesce(strongest.status, 'not_held') as status,
        coalesce(strongest.status_rule, 'no_row') as status_rule,
        coalesce(strongest.source_basis, needs.source_basis) as source_basis,
        needs.is_comparable,
        coalesce(strongest.is_esa_support_only, false) as is_esa_support_only,
        rulings.is_support_counted,
        rulings.subject is not null and supported.family_key is not null
            as has_support_that_may_count,
    from families
    inner join needs
        on families.authority = needs.authority
    left join strongest
        on families.authority = strongest.authority
        and families.local_family_id = strongest.local_family_id
        and needs.need_code = strongest.need_code
    left join rulings
        on rulings.subject = 'needs.need_' || needs.need_code
    left join supported
        on families.authority = supported.authority
        and families.family_key = supported.family_key

),

final as (

    select
        *,
        if(has_support_that_may_count, 'yes', status) as status_support_counted,
        if(status = 'yes' and is_esa_support_only, 'no', status)
            as status_support_not_counted,
        case is_support_counted
            when true then status_support_counted
            when false then status_support_not_counted
            else status
        end as status_common,
    from joined

)

select * from final
