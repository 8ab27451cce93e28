-- closed programme families by reason; GM sums the authorities that its row names
with said as (
    select
        month,
        authority as of_authority,
        family_key,
        coalesce(closure_reason, 'not_known') as closure_reason,
        unnest([
            'families',
            if(is_open_in_any_service, 'still_open_in_any_service', null)
        ]) as column_name,
    from gm.families
    where programme_group = 'programme' and not is_open
)

select *, of_authority as authority
from said
where column_name is not null
union all by name
select said.*, 'gm' as authority
from said
inner join gm.closures as figure
    on said.month = figure.month
    and said.closure_reason = figure.closure_reason
    and figure.authority = 'gm'
    and list_contains(string_split(figure.authorities_in_figure, ' '), said.of_authority)
where said.column_name is not null
