with levels as (

    select
        *,
        coalesce(hours_from, 0) as low,
        coalesce(hours_to, 168) as high,
        coalesce(valid_to, date '9999-12-31') as last_day,
    from {{ ref('xwalk_hours_levels') }}

),

final as (

    select
        one.authority,
        one.intensity_level,
        other.intensity_level as other_level,
    from levels as one
    inner join levels as other
        on one.authority = other.authority
        and one.intensity_level < other.intensity_level
        and one.valid_from <= other.last_day
        and other.valid_from <= one.last_day
    where (one.low < other.high and other.low < one.high)
        or (one.high = other.low and one.is_to_included and other.is_from_included)
        or (other.high = one.low and other.is_to_included and one.is_from_included)

)

select * from final
