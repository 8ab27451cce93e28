-- only if hours decide the level of an intervention in the figure
select distinct
    hours.authority,
    concat_ws(
        ' ', hours.intensity_level, 'is',
        'from ' || hours.hours_from || if(hours.is_from_included, '', ' (not included)'),
        'to ' || hours.hours_to || if(hours.is_to_included, '', ' (not included)'),
        'hours a week'
    ) as says,
    hours.valid_from,
    hours.valid_to,
    hours.reviewed_by,
    hours.note,
from words_standing as standing
inner join deliveries_read using (authority, month)
inner join warehouse.reference.xwalk_intensity_levels as levels
    on standing.authority = levels.authority
    and standing.word = words_key(levels.delivered)
    and levels.level_rule = 'hours'
    and holds(levels.valid_from, levels.valid_to, deliveries_read.as_of_date)
inner join warehouse.reference.xwalk_hours_levels as hours
    on standing.authority = hours.authority
    and holds(hours.valid_from, hours.valid_to, deliveries_read.as_of_date)
inner join fields_read
    on standing.authority = fields_read.authority and fields_read.field = 'hours_per_week'
where standing.dataset = 'interventions' and standing.field = 'intervention'
order by all
