with {{ delivered(
    'benefits',
    ['local_family_id', 'local_person_id', 'as_at'],
    ['benefit'],
) }},

final as (

    select
        month,
        authority,
        as_of_month,
        file_name,
        sheet,
        row_number,
        local_family_id,
        local_person_id,
        benefit_word,
        benefit,
        {{ parse_date('as_at', 'date_formats') }} as as_at,
    from delivered

)

select * from final
