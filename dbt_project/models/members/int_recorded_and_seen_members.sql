-- who is in recorded_and_seen: counted families for which both records and the key worker have
-- a status
with recorded as (

    select * from {{ ref('int_recorded') }}
    where is_counted

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
        family_key,
        concat_ws(
            ' ',
            'families',
            if(is_recorded, 'recorded_yes', null),
            if(is_seen, 'seen_yes', null),
            if(is_recorded and is_seen, 'both_yes', null)
        ) as column_names,
        1 as amount,
        false as is_in_gm,
    from compared

)

select * from final
