-- supplied levels that differ from the level agreed in the crosswalk, for analysts to decide
with interventions as (

    select * from {{ ref('int_interventions') }}
    where level_basis = 'as_supplied'
        and agreed_level is not null
        and intensity_level <> agreed_level

),

services as (

    select * from {{ ref('stg_services') }}

),

crosswalk as (

    select * from {{ ref('xwalk_intensity_levels') }}

),

found as (

    select
        month,
        authority,
        as_of_month,
        'interventions' as dataset,
        file_name,
        sheet,
        local_name,
        intensity_level as supplied_level,
        agreed_level,
        row_number,
    from interventions
    union all by name
    select
        services.month,
        services.authority,
        services.as_of_month,
        'services' as dataset,
        services.file_name,
        services.sheet,
        crosswalk.local_name,
        services.intensity_level as supplied_level,
        coalesce(crosswalk.intensity_level, 'unclassified') as agreed_level,
        services.row_number,
    from services
    inner join crosswalk
        on services.authority = crosswalk.authority
        and {{ words_key('services.intervention') }}
        = {{ words_key('crosswalk.delivered') }}
        and crosswalk.level_rule in ('level', 'none')
        and {{ in_force('crosswalk', 'services.as_of_date') }}
    where services.intensity_level
        is distinct from coalesce(crosswalk.intensity_level, 'unclassified')

),

final as (

    select
        * exclude (row_number),
        count(*) as occurrences,
        min(row_number) as first_row,
    from found
    group by all

)

select * from final
