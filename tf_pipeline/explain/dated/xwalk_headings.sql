select distinct
    headings.authority,
    concat(
        headings.dataset, ': ''', headings.heading, ''' is ', headings.field,
        if(headings.is_common, ' (for all authorities)', '')
    ) as says,
    headings.valid_from,
    headings.valid_to,
    headings.reviewed_by,
    headings.note,
from fields_read
inner join headings using (authority, month, dataset, field)
order by all
