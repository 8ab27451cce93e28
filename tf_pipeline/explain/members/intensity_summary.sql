-- open programme families at each highest level
select
    month,
    authority as of_authority,
    unnest([authority, 'gm']) as authority,
    intensity_level,
    family_key,
    'families' as column_name,
from open_programme
