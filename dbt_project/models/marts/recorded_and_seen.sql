-- recorded incidents and reality: what services record against what workers see, family by family
with recorded as (

    select * from {{ ref('int_recorded') }}
    where programme_group = 'programme'
        and is_open

),

needs as (

    select authority, family_key, need_code, status
    from {{ ref('int_family_needs') }}
    where source_basis = 'key_worker'

),

families as (

    select * from {{ ref('int_families') }}

),

alcohol as (

    select
        families.authority,
        families.family_key,
        -- a key of the join: as a condition it would compare every pair of rows
        'alcohol' as topic,
        alcohol.status,
    from {{ ref('stg_alcohol') }} as alcohol
    inner join families
        on alcohol.authority = families.authority
        and alcohol.local_family_id = families.local_family_id
    where alcohol.source_basis = 'key_worker'
    qualify row_number() over (
        partition by families.authority, families.family_key
        order by alcohol.status <> 'yes', alcohol.row_number
    ) = 1

),

-- only families of which both say something
-- each once, whichever of a topic's needs says so
compared as (

    select
        recorded.month,
        recorded.authority,
        recorded.family_key,
        recorded.topic,
        recorded.recorded_basis,
        bool_or(recorded.status = 'yes') as is_recorded,
        bool_or(coalesce(needs.status, alcohol.status) = 'yes') as is_seen,
    from recorded
    left join needs
        on recorded.authority = needs.authority
        and recorded.family_key = needs.family_key
        and recorded.need_code = needs.need_code
    left join alcohol
        on recorded.authority = alcohol.authority
        and recorded.family_key = alcohol.family_key
        and recorded.topic = alcohol.topic
    where recorded.status in ('yes', 'no')
        and coalesce(needs.status, alcohol.status) in ('yes', 'no')
        and recorded.recorded_basis not in ('key_worker', 'not_known')
    group by
        recorded.month,
        recorded.authority,
        recorded.family_key,
        recorded.topic,
        recorded.recorded_basis

),

final as (

    select
        month,
        authority,
        topic,
        recorded_basis,
        'key_worker' as seen_basis,
        count(*)::integer as families,
        count(*) filter (where is_recorded)::integer as recorded_yes,
        count(*) filter (where is_seen)::integer as seen_yes,
        count(*) filter (where is_recorded and is_seen)::integer as both_yes,
        round(recorded_yes / nullif(seen_yes, 0), 4)::double as ratio,
        round(both_yes / nullif(seen_yes, 0), 4)::double as share_of_seen,
    from compared
    group by month, authority, topic, recorded_basis

)

select * from final
