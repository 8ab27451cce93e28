-- a family's interventions of one kind of service
select
    month,
    authority,
    authority as of_authority,
    family_key,
    coalesce(service, 'not_known') as service,
    intervention_key,
    unnest(if(is_open, ['interventions', 'open_interventions'], ['interventions']))
        as column_name,
from gm.interventions
