-- for a basis, a family whose finding rests on another basis counts as not known
with needs as (
    select
        bases.month,
        bases.authority,
        bases.need_code,
        bases.source_basis,
        needs.family_key,
        if(
            needs.status in ('yes', 'no')
            and coalesce(needs.source_basis, 'not_known') <> bases.source_basis,
            'not_known',
            needs.status
        ) as status,
    from gm.need_sources as bases
    inner join gm.family_needs as needs using (month, authority, need_code)
    where bases.measured_by = 'needs'
),

records as (
    select
        bases.month,
        bases.authority,
        bases.need_code,
        bases.source_basis,
        recorded.family_key,
        recorded.status,
    from gm.need_sources as bases
    inner join recorded
        on bases.month = recorded.month
        and bases.authority = recorded.authority
        and bases.need_code = recorded.need_code
        and bases.source_basis = recorded.recorded_basis
    where bases.measured_by = 'incidents' and recorded.recorded_in = 'incidents'
)

select
    month,
    authority,
    authority as of_authority,
    need_code,
    source_basis,
    family_key,
    unnest(['families', status]) as column_name,
from (
    select * from needs
    union all by name
    select * from records
)
inner join open_programme using (month, authority, family_key)
