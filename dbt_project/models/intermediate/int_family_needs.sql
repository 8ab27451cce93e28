-- a status for every family and every need; no row at all means that nothing is held
with families as (

    select * from {{ ref('int_families') }}

),

needs as (

    select * from {{ ref('ref_needs') }}

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

definitions as (

    select * from {{ ref('stg_definitions') }}

),

declarations as (

    select * from {{ ref('stg_declarations') }}

),

-- a family reported twice: what somebody found wins over what somebody did not
strongest as (

    select *
    from delivered
    qualify row_number() over (
        partition by authority, local_family_id, need_code
        order by strength, file_name, row_number
    ) = 1

),

common_rule as (

    select coalesce(
        bool_or(
            authority = 'gm'
            and topic = 'common_esa_support_counts_as_health'
            and value = 'yes'
        ),
        false
    ) as is_esa_support_counted,
    from declarations

),

final as (

    select
        families.month,
        families.authority,
        families.as_of_month,
        families.family_key,
        families.programme_group,
        families.is_open,
        needs.need_code,
        coalesce(strongest.status, 'not_held') as status,
        coalesce(strongest.source_basis, definitions.source_basis)
            as source_basis,
        coalesce(definitions.is_common, false) as is_comparable,
        coalesce(strongest.is_esa_support_only, false) as is_esa_support_only,
        -- what the status is where ESA support group is ruled as GM rules it
        case
            when strongest.status = 'yes'
                and strongest.is_esa_support_only
                and not common_rule.is_esa_support_counted
                then 'no'
            else coalesce(strongest.status, 'not_held')
        end as status_esa_ruled,
    from families
    cross join needs
    cross join common_rule
    left join strongest
        on families.authority = strongest.authority
        and families.local_family_id = strongest.local_family_id
        and needs.need_code = strongest.need_code
    left join definitions
        on families.authority = definitions.authority
        and needs.need = definitions.topic

)

select * from final
