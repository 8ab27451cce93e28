-- who is in intensity_coverage: interventions of programme families, by whether they have a level,
-- and why not
with interventions as (

    select * from {{ ref('int_interventions') }}
    where programme_group = 'programme'

),

levelled as (

    select
        *,
        case
            when intensity_level <> 'unclassified' then 'with_level'
            when is_unmapped then 'not_in_crosswalk'
            when level_rule = 'none'
                or (level_rule = 'as_supplied' and agreed_level is null)
                then 'fit_no_level'
            else 'level_missing'
        end as levelling,
    from interventions

),

final as (

    select
        month,
        authority,
        service,
        family_key,
        intervention_key,
        concat_ws(
            ' ',
            'interventions',
            levelling,
            if(is_open, 'open_interventions', null),
            if(is_open and levelling = 'with_level', 'open_with_level', null)
        ) as column_names,
        1 as amount,
        true as is_in_gm,
    from levelled

)

select * from final
