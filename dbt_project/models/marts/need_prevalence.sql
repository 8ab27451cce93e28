with counted as (

    {{ figures_of(
        ref('int_need_prevalence_members'),
        ['need_code', 'is_one_sided'],
        [
            'families',
            'yes',
            'no',
            'not_known',
            'not_held',
            'yes_common',
            'no_common',
        ]
    ) }}

),

in_use as (

    select * from {{ ref('int_needs_in_use') }}

),

by_authority as (

    select
        in_use.month,
        in_use.authority,
        in_use.framework,
        in_use.need_code,
        in_use.is_comparable,
        in_use.source_basis,
        in_use.authority as authorities_in_rate,
        coalesce(counted.is_one_sided, false) as is_one_sided,
    from in_use
    left join counted
        on in_use.authority = counted.authority
        and in_use.need_code = counted.need_code

),

-- GM adds up only what means the same and can say both yes and no
gm as (

    select
        month,
        'gm' as authority,
        framework,
        need_code,
        true as is_comparable,
        string_agg(distinct source_basis, ' | ' order by source_basis)
            as source_basis,
        string_agg(authority, ' ' order by authority) as authorities_in_rate,
        false as is_one_sided,
    from by_authority
    where is_comparable and not is_one_sided
    group by month, framework, need_code

),

unified as (

    select * from by_authority
    union all by name
    select * from gm

),

final as (

    select
        unified.month,
        unified.authority,
        unified.need_code,
        coalesce(counted.families, 0)::integer as families,
        coalesce(counted.yes, 0)::integer as yes,
        coalesce(counted."no", 0)::integer as "no",
        coalesce(counted.not_known, 0)::integer as not_known,
        coalesce(counted.not_held, 0)::integer as not_held,
        round(counted.yes / nullif(counted.yes + counted."no", 0), 4)::double
            as rate,
        -- on GM's common definition there is no figure where the definition is another
        case when unified.is_comparable
            then coalesce(counted.yes_common, 0)
        end::integer as yes_common,
        case when unified.is_comparable
            then coalesce(counted.no_common, 0)
        end::integer as no_common,
        round(
            counted.yes_common
            / nullif(counted.yes_common + counted.no_common, 0), 4
        )::double as rate_common,
        unified.is_comparable,
        unified.source_basis,
        unified.authorities_in_rate,
        round(
            (counted.yes + counted."no") / nullif(counted.families, 0), 4
        )::double as known_share,
        unified.is_one_sided,
        unified.framework,
    from unified
    left join counted
        on unified.authority = counted.authority
        and unified.need_code = counted.need_code

)

select * from final
