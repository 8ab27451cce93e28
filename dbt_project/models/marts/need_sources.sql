-- every basis by itself: where two speak of one need there are two rows, never one number
with needs as (

    select * from {{ ref('int_family_needs') }}
    where programme_group = 'programme'
        and is_open

),

in_use as (

    select * from {{ ref('int_needs_in_use') }}

),

-- bases that the rows themselves name, and the one that holds for the rest
bases as (

    select distinct
        authority,
        need_code,
        coalesce(source_basis, 'not_known') as source_basis,
    from needs
    where status in ('yes', 'no')
    union
    select authority, need_code, coalesce(source_basis, 'not_known')
    from in_use
    where not exists (
        select 1 from needs
        where needs.authority = in_use.authority
            and needs.need_code = in_use.need_code
            and needs.status in ('yes', 'no')
    )

),

-- a basis says nothing of a family whose finding rests on another one
said as (

    select
        bases.authority,
        bases.need_code,
        bases.source_basis,
        'needs' as measured_by,
        case
            when needs.status not in ('yes', 'no') then needs.status
            when coalesce(needs.source_basis, 'not_known') = bases.source_basis
                then needs.status
            else 'not_known'
        end as status,
    from bases
    inner join needs
        on bases.authority = needs.authority
        and bases.need_code = needs.need_code

),

recorded as (

    select * from {{ ref('int_recorded') }}
    where programme_group = 'programme'
        and is_open
        and recorded_in = 'incidents'
        and need_code is not null

),

also_recorded as (

    select
        recorded.authority,
        recorded.need_code,
        recorded.recorded_basis as source_basis,
        'incidents' as measured_by,
        recorded.status,
    from recorded
    anti join bases
        on recorded.authority = bases.authority
        and recorded.need_code = bases.need_code
        and recorded.recorded_basis = bases.source_basis

),

counted as (

    select
        authority,
        need_code,
        source_basis,
        measured_by,
        count(*) as families,
        count(*) filter (where status = 'yes') as yes,
        count(*) filter (where status = 'no') as "no",
        count(*) filter (where status = 'not_known') as not_known,
        count(*) filter (where status = 'not_held') as not_held,
        -- a basis that never says no has no rate: it would be 1 by its making
        case when "no" > 0 then yes / (yes + "no") end as rate,
    from (
        select * from said
        union all by name
        select * from also_recorded
    )
    group by authority, need_code, source_basis, measured_by

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
        round(counted.rate, 4)::double as rate,
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
