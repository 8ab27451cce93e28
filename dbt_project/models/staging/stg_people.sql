with delivered as (

    {{ delivered_rows(
        'people',
        [
            'local_family_id', 'local_person_id', 'forename', 'surname',
            'full_name', 'date_of_birth', 'expected_date', 'comments', 'upn',
            'nino', 'postcode',
        ],
        ['sex', 'relationship', 'is_unborn'],
    ) }}

),

unborn_rules as (

    select
        authority,
        map_from_entries(list((split_part(subject, '.', 2), value))) as rules,
    from {{ ref('stg_declarations') }}
    where topic = 'unborn_when'
    group by authority

),

marked as (

    select
        delivered.*,
        unborn_rules.rules,
        {%- for field in [
            'forename', 'full_name', 'date_of_birth', 'comments', 'sex_word',
            'is_unborn_word',
        ] %}
        coalesce(
            regexp_matches(
                delivered.{{ field }},
                unborn_rules.rules['{{ field | replace("_word", "") }}'],
                'i'
            ),
            false
        ){{ ' or' if not loop.last }}
        {%- endfor %} as is_unborn_person,
        -- removes the words of the rule, and keeps the date next to them
        trim(regexp_replace(
            delivered.date_of_birth,
            coalesce(unborn_rules.rules['date_of_birth'], '^$'),
            '',
            'i'
        )) as birth_text,
        trim(regexp_replace(
            delivered.comments,
            coalesce(unborn_rules.rules['comments'], '^$'),
            '',
            'i'
        )) as comments_text,
    from delivered
    left join unborn_rules
        on delivered.authority = unborn_rules.authority

),

final as (

    select
        month,
        authority,
        as_of_month,
        as_of_date,
        file_name,
        sheet,
        row_number,
        item,
        local_family_id,
        local_person_id,
        coalesce(forename, split_part(full_name, ' ', 1)) as forename,
        coalesce(
            surname,
            nullif(trim(substr(full_name, strpos(full_name, ' ') + 1)), '')
        ) as surname,
        sex_word,
        case when is_unborn_person then 'not_known' else sex end as sex,
        is_unborn_word,
        is_unborn_person as is_unborn,
        birth_text as date_of_birth_text,
        case
            when not is_unborn_person
                then {{ parse_birth_date(
                    'birth_text', 'date_formats', 'as_of_date'
                ) }}
        end as date_of_birth,
        case
            when is_unborn_person
                then coalesce(
                    {{ parse_date('expected_date', 'date_formats') }},
                    {{ parse_date('birth_text', 'date_formats') }},
                    {{ parse_date('comments_text', 'date_formats') }}
                )
        end as expected_date,
        relationship_word,
        relationship,
        upper(regexp_replace(upn, '\s', '', 'g')) as upn,
        upper(regexp_replace(nino, '\s', '', 'g')) as nino,
        postcode,
    from marked

)

select * from final
