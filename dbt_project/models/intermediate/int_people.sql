-- one row a person: a person listed twice under one number counts once
with people as (

    select * from {{ ref('stg_people') }}
    where local_person_id is not null

),

families as (

    select * from {{ ref('int_families') }}

),

keys as (

    select * from {{ source('restricted', 'key_map') }}
    where kind = 'person'

),

-- nobody can say who is who to whom where an authority declares so
comparison as (

    select authority, value
    from {{ ref('stg_declarations') }}
    where topic = 'comparison_relationship'
        and subject = 'people.relationship'

),

placed as (

    select
        people.month,
        people.authority,
        people.as_of_month,
        people.as_of_date,
        keys.key as person_key,
        families.family_key,
        families.programme_group,
        families.is_listed_only_with_issues,
        people.local_person_id,
        people.local_family_id,
        people.forename,
        people.surname,
        coalesce(people.sex, 'not_known') as sex,
        people.date_of_birth,
        people.expected_date,
        people.is_unborn,
        date_diff('year', people.date_of_birth, people.as_of_date)
        - (
            strftime(people.as_of_date, '%m%d')
            < strftime(people.date_of_birth, '%m%d')
        )::integer as age,
        case
            when coalesce(people.relationship, 'not_known') <> 'not_known'
                then people.relationship
            when families.programme_group = 'comparison'
                then coalesce(comparison.value, 'not_known')
            else 'not_known'
        end as relationship,
        people.upn,
        people.nino,
        people.postcode,
        people.file_name,
        people.sheet,
        people.row_number,
    from people
    inner join keys
        on people.authority = keys.authority
        and people.local_person_id = keys.local_id
    inner join families
        on people.authority = families.authority
        and people.local_family_id = families.local_family_id
    left join comparison
        on people.authority = comparison.authority
    qualify row_number() over (
        partition by people.authority, people.local_person_id
        order by people.file_name, people.row_number, people.item
    ) = 1

),

-- one real person in two places: the same number of the person's own and the same birth date
same_nino as (

    select
        *,
        case
            when nino is null or date_of_birth is null then person_key
            else min(person_key) over (partition by nino, date_of_birth)
        end as nino_key,
    from placed

),

final as (

    select
        * exclude (nino_key),
        if(
            relationship in ('not_known', 'not_held', 'not_applicable'),
            relationship,
            'observed'
        ) as relationship_status,
        case
            when upn is null or date_of_birth is null then nino_key
            else min(nino_key) over (partition by upn, date_of_birth)
        end as gm_person_key,
    from same_nino

)

select * from final
