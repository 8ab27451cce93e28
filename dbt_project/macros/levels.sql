{#-
  CTEs that end in `levelled`: rows with the level that the crosswalk, the hours or the authority
  gives, and which of the three did.

  rows: a CTE with authority, intervention (as delivered), hours_per_week, intensity_level (as
  supplied) and as_of_date.
-#}
{% macro levelled(rows) %}
matched as (

    select
        {{ rows }}.*,
        crosswalk.local_name,
        crosswalk.service,
        crosswalk.level_rule,
        crosswalk.intensity_level as crosswalk_level,
        hours_levels.intensity_level as hours_level,
    from {{ rows }}
    left join {{ ref('xwalk_intensity_levels') }} as crosswalk
        on {{ rows }}.authority = crosswalk.authority
        and {{ words_key(rows ~ '.intervention') }}
        = {{ words_key('crosswalk.delivered') }}
        and {{ in_force('crosswalk', rows ~ '.as_of_date') }}
    left join {{ ref('xwalk_hours_levels') }} as hours_levels
        on {{ rows }}.authority = hours_levels.authority
        and {{ in_force('hours_levels', rows ~ '.as_of_date') }}
        and (
            hours_levels.hours_from is null
            or {{ rows }}.hours_per_week > hours_levels.hours_from
            or (
                hours_levels.is_from_included
                and {{ rows }}.hours_per_week = hours_levels.hours_from
            )
        )
        and (
            hours_levels.hours_to is null
            or {{ rows }}.hours_per_week < hours_levels.hours_to
            or (
                hours_levels.is_to_included
                and {{ rows }}.hours_per_week = hours_levels.hours_to
            )
        )
        and {{ rows }}.hours_per_week is not null

),

levelled as (

    select
        *,
        -- an intervention without a crosswalk row keeps its supplied level
        case coalesce(level_rule, 'as_supplied')
            when 'level' then crosswalk_level
            when 'hours' then hours_level
            when 'as_supplied' then intensity_level
        end as resolved_level,
        case
            when resolved_level is null then 'none'
            when coalesce(level_rule, 'as_supplied') = 'level' then 'crosswalk'
            else coalesce(level_rule, 'as_supplied')
        end as level_basis,
    from matched

)
{%- endmacro %}
