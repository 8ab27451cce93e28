with standing as (

    select * from {{ ref('stg_standing') }}

),

headings as (

    select * from {{ source('raw', 'headings') }}

),

crosswalk as (

    {{ known_headings() }}

),

words as (

    select * from {{ ref('stg_words') }}

),

matched as (

    select
        standing.authority,
        standing.dataset,
        crosswalk.field,
        headings.heading,
        headings.position,
        crosswalk.preference,
    from standing
    inner join headings
        on standing.authority = headings.authority
        and standing.as_of_month = headings.month
        and standing.dataset = headings.dataset
    inner join crosswalk
        on crosswalk.authority in (standing.authority, '*')
        and standing.dataset = crosswalk.dataset
        and {{ words_key('headings.heading') }} = {{ words_key('crosswalk.heading') }}
        and {{ in_force('crosswalk', 'standing.as_of_date') }}
    -- an authority's own row for a heading wins over one for all; a field's name is one only where
    -- no row speaks of the heading, be it of another dataset that reads the same sheet
    qualify case
        when crosswalk.preference < 3
            then crosswalk.preference = min(crosswalk.preference) over (
                partition by
                    standing.authority,
                    standing.dataset,
                    {{ words_key('headings.heading') }}
            )
        else min(crosswalk.preference) over (
            partition by
                standing.authority,
                headings.file_name,
                headings.sheet,
                {{ words_key('headings.heading') }}
        ) = 3
    end

),

-- so it does for a field; then the first heading
chosen as (

    select authority, dataset, field, heading, position
    from matched
    qualify row_number() over (
        partition by authority, dataset, field
        order by preference, position
    ) = 1

),

no_value as (

    select
        authority,
        dataset,
        field,
        list(word order by word) as no_value_words,
    from words
    where canonical in ('not_known', 'not_held', 'not_applicable')
    group by authority, dataset, field

),

final as (

    select
        chosen.authority,
        chosen.dataset,
        map_from_entries(
            list((chosen.field, chosen.heading) order by chosen.field)
        ) as fields,
        map_from_entries(
            list((chosen.field, chosen.position) order by chosen.field)
        ) as positions,
        map_from_entries(
            list(
                (chosen.field, coalesce(no_value.no_value_words, []))
                order by chosen.field
            )
        ) as no_value_words,
    from chosen
    left join no_value
        on chosen.authority = no_value.authority
        and chosen.dataset = no_value.dataset
        and chosen.field = no_value.field
    where chosen.field <> 'IGNORE'
    group by chosen.authority, chosen.dataset

)

select * from final
