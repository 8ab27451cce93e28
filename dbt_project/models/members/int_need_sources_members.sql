-- who is in need_sources: counted families by what each basis says of a need
with needs as (

    select * from {{ ref('int_family_needs') }}
    where is_counted

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
        needs.month,
        bases.authority,
        bases.need_code,
        bases.source_basis,
        'needs' as measured_by,
        needs.family_key,
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
    where is_counted
        and recorded_in = 'incidents'
        and need_code is not null

),

also_recorded as (

    select
        recorded.month,
        recorded.authority,
        recorded.need_code,
        recorded.recorded_basis as source_basis,
        'incidents' as measured_by,
        recorded.family_key,
        recorded.status,
    from recorded
    -- records may be about a need by which the authority is not read
    semi join in_use
        on recorded.authority = in_use.authority
        and recorded.need_code = in_use.need_code
    anti join bases
        on recorded.authority = bases.authority
        and recorded.need_code = bases.need_code
        and recorded.recorded_basis = bases.source_basis

),

unified as (

    select * from said
    union all by name
    select * from also_recorded

),

final as (

    select
        * exclude (status),
        'families ' || status as column_names,
        1 as amount,
        false as is_in_gm,
    from unified

)

select * from final
