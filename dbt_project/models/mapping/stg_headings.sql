with read as (

    select * from {{ ref('stg_delivered_headings') }}
    where is_read

),

no_value as (

    select
        authority,
        dataset,
        field,
        list(word order by word) as no_value_words,
    from {{ ref('stg_words') }}
    where canonical in ('not_known', 'not_held', 'not_applicable')
    group by authority, dataset, field

),

final as (

    select
        read.authority,
        read.dataset,
        map_from_entries(
            list((read.field, read.heading) order by read.field)
        ) as fields,
        map_from_entries(
            list((read.field, read.position) order by read.field)
        ) as positions,
        map_from_entries(
            list(
                (read.field, coalesce(no_value.no_value_words, []))
                order by read.field
            )
        ) as no_value_words,
    from read
    left join no_value
        on read.authority = no_value.authority
        and read.dataset = no_value.dataset
        and read.field = no_value.field
    group by read.authority, read.dataset

)

select * from final
