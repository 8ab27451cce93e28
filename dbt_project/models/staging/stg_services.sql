with delivered as (

    {{ delivered_rows(
        'services',
        ['intervention'],
        ['intensity_level'],
    ) }}

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
        intervention,
        intensity_level_word,
        intensity_level,
    from delivered

)

select * from final
