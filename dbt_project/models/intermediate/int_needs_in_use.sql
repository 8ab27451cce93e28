-- the needs by which an authority is read: the framework in force, and whatever else it delivers
with standing as (

    select distinct month, authority, as_of_month, as_of_date
    from {{ ref('stg_standing') }}

),

needs as (

    select * from {{ ref('ref_needs') }}

),

frameworks as (

    select * from {{ ref('ref_frameworks') }}

),

definitions as (

    select * from {{ ref('stg_definitions') }}

),

delivered as (

    select distinct authority, need_code
    from {{ ref('stg_needs') }}

),

final as (

    select
        standing.month,
        standing.authority,
        standing.as_of_month,
        needs.framework,
        needs.need_code,
        needs.need,
        definitions.source_basis,
        coalesce(definitions.is_common, false) as is_comparable,
    from standing
    cross join needs
    left join frameworks
        on needs.framework = frameworks.framework
        and {{ in_force('frameworks', 'standing.as_of_date') }}
    left join delivered
        on standing.authority = delivered.authority
        and needs.need_code = delivered.need_code
    left join definitions
        on standing.authority = definitions.authority
        and needs.need = definitions.topic
    where delivered.authority is not null
        or frameworks.framework is not null

)

select * from final
