-- who is in intensity_weighted: counted families, and their open interventions, at the weight of
-- their level; what weighs nothing is counted, and adds no weight
with families as (

    select
        *,
        null as intervention_key,
        'families' as counted_in,
        'weighted_families' as weighed_in,
    from {{ ref('int_intensity_summary_members') }}

),

interventions as (

    select
        *,
        'open_interventions' as counted_in,
        'weighted_interventions' as weighed_in,
    from {{ ref('int_interventions') }}
    where is_family_counted and is_open

),

weightings as (

    select weightings.*
    from {{ ref('ref_weightings') }} as weightings
    inner join {{ source('ops', 'control') }} as control
        on {{ in_force(
            'weightings', "last_day(cast(control.month || '-01' as date))"
        ) }}

),

levelled as (

    select
        month,
        authority,
        family_key,
        intervention_key,
        intensity_level,
        counted_in,
        weighed_in,
    from families
    union all by name
    select
        month,
        authority,
        family_key,
        intervention_key,
        intensity_level,
        counted_in,
        weighed_in,
    from interventions

),

final as (

    select
        month,
        authority,
        -- empty: by whichever weighting
        null as weighting,
        family_key,
        intervention_key,
        counted_in as column_names,
        1 as amount,
        true as is_in_gm,
    from levelled
    union all by name
    select
        levelled.month,
        levelled.authority,
        weightings.weighting,
        levelled.family_key,
        levelled.intervention_key,
        levelled.weighed_in as column_names,
        weightings.weight as amount,
        true as is_in_gm,
    from levelled
    inner join weightings
        on levelled.intensity_level = weightings.intensity_level
    where weightings.weight <> 0

)

select * from final
