{{ config(materialized='table') }}

-- the families on which the analysts agreed, level by level, beside what the crosswalk says of them
with examples as (

    select
        *,
        as_at as as_of_date,
        supplied_level as intensity_level,
    from {{ ref('worked_examples') }}

),

{{ levelled('examples') }},

ranks as (

    select * from {{ ref('ref_intensity_levels') }}

),

judged as (

    select
        levelled.example,
        levelled.authority,
        levelled.as_at,
        string_agg(
            concat_ws(
                ' ', coalesce(levelled.local_name, levelled.intervention),
                '(' || levelled.hours_per_week::varchar || ' hours a week)',
                '[came as ' || levelled.supplied_level || ']'
            ),
            '; ' order by levelled.intervention
        ) as interventions,
        min(levelled.agreed_level) as agreed_level,
        arg_max(coalesce(levelled.resolved_level, 'unclassified'), ranks.rank)
            as crosswalk_level,
        min(levelled.agreed_by) as agreed_by,
        min(levelled.agreed_on) as agreed_on,
        min(levelled.note) as note,
    from levelled
    inner join ranks
        on coalesce(levelled.resolved_level, 'unclassified')
        = ranks.intensity_level
    group by levelled.example, levelled.authority, levelled.as_at

),

final as (

    select
        example,
        authority,
        as_at,
        interventions,
        agreed_level,
        crosswalk_level,
        crosswalk_level = agreed_level as agrees,
        agreed_by,
        agreed_on,
        note,
    from judged

)

select * from final
