with {{ delivered(
    'benefits',
    ['local_family_id', 'local_person_id'],
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
    from delivered

)

select * from final
