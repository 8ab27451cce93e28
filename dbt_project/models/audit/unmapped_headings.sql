-- a heading is known if any dataset that reads the same sheet knows it
with standing as (

    select * from {{ ref('stg_standing') }}

),

headings as (

    select * from {{ source('raw', 'headings') }}

),

crosswalk as (

    {{ known_headings() }}

),

delivered as (

    select
        standing.month,
        standing.authority,
        standing.as_of_month,
        headings.file_name,
        headings.sheet,
        headings.heading,
        min(headings.dataset) as dataset,
        min(headings.position) as position,
        bool_or(crosswalk.field is not null) as is_known,
    from standing
    inner join headings
        on standing.authority = headings.authority
        and standing.as_of_month = headings.month
        and standing.dataset = headings.dataset
    left join crosswalk
        on crosswalk.authority in (standing.authority, '*')
        and standing.dataset = crosswalk.dataset
        and {{ words_key('headings.heading') }} = {{ words_key('crosswalk.heading') }}
        and {{ in_force('crosswalk', 'standing.as_of_date') }}
    group by all

),

final as (

    select * exclude (is_known)
    from delivered
    where not is_known

)

select * from final
