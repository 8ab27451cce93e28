with standing as (

    select distinct authority, as_of_date
    from {{ ref('stg_standing') }}

),

declarations as (

    select * from {{ ref('authority_declarations') }}

),

-- GM's own rows hold for all; they are dated by the month that is loaded
days as (

    select authority, as_of_date from standing
    union all
    select 'gm', last_day(cast(month || '-01' as date))
    from {{ source('ops', 'control') }}

),

final as (

    select
        declarations.authority,
        declarations.topic,
        declarations.subject,
        declarations.value,
    from declarations
    inner join days
        on declarations.authority = days.authority
        and {{ in_force('declarations', 'days.as_of_date') }}

)

select * from final
