with final as (

    select
        month,
        authority,
        as_of_month,
        file_name,
        sheet,
        heading,
        min(dataset) as dataset,
        min(position) as position,
    from {{ ref('stg_delivered_headings') }}
    where not is_known
    group by all

)

select * from final
