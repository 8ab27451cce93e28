-- every family under every framework: needs are stored once, a framework says which of them make
-- each of its criteria
{%- set rulings = [
    'status', 'status_common', 'status_support_counted',
    'status_support_not_counted',
] %}
with needs as (

    select * from {{ ref('int_family_needs') }}

),

control as (

    select last_day(cast(month || '-01' as date)) as month_end
    from {{ source('ops', 'control') }}

),

-- one row a framework: the one in force, else its last
frameworks as (

    select
        frameworks.framework,
        frameworks.needs_required,
        {{ in_force('frameworks', 'control.month_end') }} as is_in_force,
    from {{ ref('ref_frameworks') }} as frameworks
    cross join control
    qualify row_number() over (
        partition by frameworks.framework
        order by is_in_force desc, frameworks.valid_from desc
    ) = 1

),

framework_needs as (

    select * from {{ ref('ref_framework_needs') }}

),

families as (

    select * from {{ ref('int_families') }}

),

criteria as (

    select distinct framework, criterion
    from framework_needs

),

found as (

    select
        needs.authority,
        needs.family_key,
        framework_needs.framework,
        framework_needs.criterion,
        {%- for ruling in rulings %}
        case
            when bool_or(needs.{{ ruling }} = 'yes') then 'yes'
            when bool_or(needs.{{ ruling }} = 'not_known') then 'not_known'
            when bool_or(needs.{{ ruling }} = 'not_held') then 'not_held'
            else 'no'
        end as {{ ruling }},
        {%- endfor %}
    from needs
    inner join framework_needs
        on needs.need_code = framework_needs.need_code
    group by
        needs.authority,
        needs.family_key,
        framework_needs.framework,
        framework_needs.criterion

),

final as (

    select
        families.month,
        families.authority,
        families.family_key,
        families.programme_group,
        families.is_open,
        families.is_counted,
        families.as_of_month,
        criteria.framework,
        frameworks.needs_required,
        frameworks.is_in_force,
        criteria.criterion,
        -- where none of its needs is delivered, what is delivered cannot tell
        {%- for ruling in rulings %}
        coalesce(found.{{ ruling }}, 'not_held') as {{ ruling }},
        {%- endfor %}
    from families
    cross join criteria
    inner join frameworks
        on criteria.framework = frameworks.framework
    left join found
        on families.authority = found.authority
        and families.family_key = found.family_key
        and criteria.framework = found.framework
        and criteria.criterion = found.criterion

)

select * from final
