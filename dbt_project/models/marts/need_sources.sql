-- every basis by itself: where two speak of one need there are two rows, never one number
with counted as (

    {{ figures_of(
        ref('int_need_sources_members'),
        ['need_code', 'source_basis', 'measured_by'],
        ['families', 'yes', 'no', 'not_known', 'not_held']
    ) }}

),

in_use as (

    select * from {{ ref('int_needs_in_use') }}

),

final as (

    select
        in_use.month,
        counted.authority,
        counted.need_code,
        counted.source_basis,
        counted.yes::integer as yes,
        counted."no"::integer as "no",
        counted.not_known::integer as not_known,
        counted.not_held::integer as not_held,
        counted.families::integer as families,
        -- a basis that never says no has no rate: it would be 1 by its making
        case when counted."no" > 0
            then round(counted.yes / (counted.yes + counted."no"), 4)
        end::double as rate,
        round(counted.yes / nullif(max(counted.yes) filter (
            where counted.source_basis = 'key_worker'
        ) over (partition by counted.authority, counted.need_code), 0), 4)::double
            as ratio_to_key_worker,
        counted.measured_by,
        in_use.framework,
    from counted
    inner join in_use
        on counted.authority = in_use.authority
        and counted.need_code = in_use.need_code

)

select * from final
