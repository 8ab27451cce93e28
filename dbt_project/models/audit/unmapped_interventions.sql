with interventions as (

    select * from {{ ref('int_interventions') }}
    where is_unmapped

),

headings as (

    select * from {{ ref('stg_headings') }}
    where dataset = 'interventions'

),

final as (

    select
        interventions.month,
        interventions.authority,
        interventions.as_of_month,
        interventions.file_name,
        interventions.sheet,
        headings.fields['intervention'] as heading,
        interventions.intervention,
        count(*) as occurrences,
        min(interventions.row_number) as first_row,
        mode(interventions.intensity_level) as level_used,
    from interventions
    left join headings
        on interventions.authority = headings.authority
    group by all

)

select * from final
