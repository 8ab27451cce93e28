-- who is in incident_summary: counted families by the status of each kind of incident; a family
-- without a row is not held
with families as (

    select * from {{ ref('int_families') }}
    where is_counted

),

kinds as (

    select unnest(['dv', 'asb', 'offences', 'missing']) as incident_type

),

incidents as (

    select * from {{ ref('int_incidents') }}

),

definitions as (

    select * from {{ ref('stg_definitions') }}
    where topic = 'incidents'

),

said as (

    select
        families.month,
        families.authority,
        families.family_key,
        kinds.incident_type,
        case
            when incidents.status in ('observed', 'true_zero') then 'families_known'
            when incidents.status = 'not_known' then 'not_known'
            else 'not_held'
        end as known,
        incidents.status is not distinct from 'observed' as has_any,
        incidents.incident_count,
    from families
    cross join kinds
    left join incidents
        on families.authority = incidents.authority
        and families.family_key = incidents.family_key
        and kinds.incident_type = incidents.incident_type

),

-- a nought that tells nothing: every known family has an incident
sides as (

    select
        said.authority,
        said.incident_type,
        bool_or(said.has_any)
        and count(*) > count(*) filter (where said.known = 'families_known')
        and count(*) filter (where said.known = 'families_known')
        = count(*) filter (where said.has_any) as is_one_sided,
        coalesce(any_value(definitions.is_common), false) as is_common,
    from said
    left join definitions
        on said.authority = definitions.authority
    group by said.authority, said.incident_type

),

members as (

    select
        * exclude (known, has_any, incident_count),
        concat_ws(
            ' ', 'families', known, if(has_any, 'families_with_any', null)
        ) as column_names,
        1 as amount,
    from said
    union all by name
    select
        * exclude (known, has_any, incident_count),
        'incidents' as column_names,
        incident_count as amount,
    from said
    where known = 'families_known' and incident_count > 0

),

final as (

    select
        members.*,
        sides.is_one_sided,
        sides.is_common and not sides.is_one_sided as is_in_gm,
    from members
    inner join sides
        on members.authority = sides.authority
        and members.incident_type = sides.incident_type

)

select * from final
