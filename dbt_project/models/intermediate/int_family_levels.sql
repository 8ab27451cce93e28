-- a family is coded at the highest level among its interventions open at month end
with families as (

    select * from {{ ref('int_families') }}

),

interventions as (

    select * from {{ ref('int_interventions') }}

),

ranks as (

    select * from {{ ref('ref_intensity_levels') }}

),

highest as (

    select
        interventions.authority,
        interventions.family_key,
        max_by(interventions.intensity_level, ranks.rank) as intensity_level,
        count(*) as open_interventions,
        -- names stay behind: how many different workers there are is all that goes on
        len(list_distinct(flatten(list(interventions.worker_names)))) as workers,
    from interventions
    inner join ranks
        on interventions.intensity_level = ranks.intensity_level
    where interventions.is_open
    group by interventions.authority, interventions.family_key

),

final as (

    select
        families.month,
        families.authority,
        families.family_key,
        coalesce(highest.intensity_level, 'none') as intensity_level,
        coalesce(highest.open_interventions, 0) as open_interventions,
        highest.workers,
    from families
    left join highest
        on families.authority = highest.authority
        and families.family_key = highest.family_key

)

select * from final
