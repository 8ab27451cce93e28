-- who is in intensity_summary: counted families at their highest level
with families as (

    select * from {{ ref('int_families') }}
    where is_counted

),

levels as (

    select * from {{ ref('int_family_levels') }}

),

final as (

    select
        families.month,
        families.authority,
        levels.intensity_level,
        families.family_key,
        'families' as column_names,
        1 as amount,
        true as is_in_gm,
    from families
    inner join levels
        on families.authority = levels.authority
        and families.family_key = levels.family_key

)

select * from final
