-- one row a family: a family listed twice counts once, its first row stands
with families as (

    select * from {{ ref('stg_families') }}
    where local_family_id is not null

),

keys as (

    select * from {{ source('restricted', 'key_map') }}
    where kind = 'family'

),

listing as (

    select authority
    from {{ ref('stg_declarations') }}
    where topic = 'comparison_listing'
        and value = 'only_with_issues'

),

final as (

    select
        families.month,
        families.authority,
        families.as_of_month,
        families.as_of_date,
        keys.key as family_key,
        families.local_family_id,
        families.programme_group,
        families.start_date,
        families.end_date,
        families.work_began_date,
        families.closure_reason,
        -- an end date that cannot be read is still an end
        coalesce(
            families.end_date > families.as_of_date,
            families.end_date_text is null
        ) as is_open,
        -- the families that figures count
        coalesce(families.programme_group = 'programme', false) and is_open
            as is_counted,
        listing.authority is not null
        and families.programme_group is not distinct from 'comparison'
            as is_listed_only_with_issues,
        families.file_name,
        families.sheet,
        families.row_number,
    from families
    inner join keys
        on families.authority = keys.authority
        and families.local_family_id = keys.local_id
    left join listing
        on families.authority = listing.authority
    qualify row_number() over (
        partition by families.authority, families.local_family_id
        order by families.file_name, families.row_number
    ) = 1

)

select * from final
