-- open programme families by the status of the need; GM's row names its authorities
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
select said.* exclude (is_comparable), 'gm' as authority
from said
inner join gm.need_prevalence as figure
    on said.month = figure.month
    and said.need_code = figure.need_code
    and figure.authority = 'gm'
    and list_contains(string_split(figure.authorities_in_rate, ' '), said.of_authority)
where said.column_name is not null
