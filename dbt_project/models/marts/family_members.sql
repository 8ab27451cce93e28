-- who belongs to which family, since when and until when; built on the month before, so that
-- a load costs what its month costs
with people as (

    select * from {{ ref('int_people') }}

),

before as (

    {% if is_incremental() %}
    select * from {{ this }}
    where month = (
        select max(month) from {{ this }}
        where month < (select month from {{ source('ops', 'control') }})
    )
    {% else %}
    select
        month,
        authority,
        family_key,
        person_key,
        month as first_month,
        month as last_month,
    from people
    where false
    {% endif %}

),

control as (

    select month from {{ source('ops', 'control') }}

),

members as (

    select
        month,
        authority,
        family_key,
        person_key,
        as_of_month as first_month,
        as_of_month as last_month,
    from people
    union all by name
    select
        control.month,
        before.authority,
        before.family_key,
        before.person_key,
        before.first_month,
        before.last_month,
    from before
    cross join control

),

final as (

    select
        month,
        authority,
        family_key,
        person_key,
        min(first_month) as first_month,
        max(last_month) as last_month,
    from members
    group by month, authority, family_key, person_key

)

select * from final
