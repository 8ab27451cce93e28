-- every basis by itself: where two speak of one need there are two rows, never one number
with needs as (

    select * from {{ ref('int_family_needs') }}
    where programme_group = 'programme'
        and is_open

),

in_use as (

    select * from {{ ref('int_needs_in_use') }}

),

families as (

    select authority, local_family_id, family_key
    from {{ ref('int_families') }}

),

-- what each basis says of a family: two rows on two bases are two findings
found as (

    select
        families.authority,
        families.family_key,
        findings.need_code,
        coalesce(findings.source_basis, 'not_known') as source_basis,
        if(bool_or(findings.status = 'yes'), 'yes', 'no') as status,
    from {{ ref('stg_needs') }} as findings
    inner join families
        on findings.authority = families.authority
        and findings.local_family_id = families.local_family_id
    where findings.status in ('yes', 'no')
    group by all

),

bases as (

    select distinct found.authority, found.need_code, found.source_basis
    from found
    inner join needs
        on found.authority = needs.authority
        and found.family_key = needs.family_key
        and found.need_code = needs.need_code
    union
    -- where nothing is found, the basis by the authority's definition
    select
        in_use.authority,
        in_use.need_code,
        coalesce(in_use.source_basis, 'not_known'),
    from in_use
    anti join (
        select * from needs where status in ('yes', 'no')
    ) as needs
        on in_use.authority = needs.authority
        and in_use.need_code = needs.need_code

),

-- a basis says nothing of a family whose finding rests on another one
said as (

    select
        bases.authority,
        bases.need_code,
        bases.source_basis,
        'needs' as measured_by,
        case
            when found.status is not null then found.status
            when needs.status in ('yes', 'no') then 'not_known'
            else needs.status
        end as status,
    from bases
    inner join needs
        on bases.authority = needs.authority
        and bases.need_code = needs.need_code
    left join found
        on needs.authority = found.authority
        and needs.family_key = found.family_key
        and needs.need_code = found.need_code
        and bases.source_basis = found.source_basis

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
