select distinct
    levels.authority,
    concat(
        '''', levels.delivered, ''' is ', levels.local_name, ', ', levels.service, '; decided by ',
        levels.level_rule, if(levels.intensity_level is null, '', ', ' || levels.intensity_level)
    ) as says,
    levels.valid_from,
    levels.valid_to,
    levels.reviewed_by,
    levels.note,
from words_standing as standing
inner join deliveries_read using (authority, month)
inner join warehouse.reference.xwalk_intensity_levels as levels
    on standing.authority = levels.authority
    and standing.word = words_key(levels.delivered)
    and holds(levels.valid_from, levels.valid_to, deliveries_read.as_of_date)
where standing.dataset = 'interventions' and standing.field = 'intervention'
order by all
