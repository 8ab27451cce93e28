-- open programme families by what is said of the need; GM adds up comparable authorities
with said as (
    select
        needs.month,
        needs.authority as of_authority,
        needs.family_key,
        needs.need_code,
        needs.is_comparable,
        unnest([
            'families',
            needs.status,
            if(
                needs.is_comparable and needs.status_common in ('yes', 'no'),
                needs.status_common || '_common',
                null
            )
        ]) as column_name,
    from gm.family_needs as needs
    inner join open_programme using (month, authority, family_key)
)

select * exclude (is_comparable), of_authority as authority
from said
where column_name is not null
union all by name
select * exclude (is_comparable), 'gm' as authority
from said
where is_comparable and column_name is not null
