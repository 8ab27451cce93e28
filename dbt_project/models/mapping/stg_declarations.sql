with standing as (

    select distinct authority, as_of_date
    from {{ ref('stg_standing') }}

),

declarations as (

    select * from {{ ref('authority_declarations') }}

),

fields as (

    select * from {{ ref('ref_fields') }}

),

-- GM's own rows hold for all; they are dated by the month that is loaded
days as (

    select authority, as_of_date from standing
    union all
    select 'gm', last_day(cast(month || '-01' as date))
    from {{ source('ops', 'control') }}

),

matched as (

    select
        declarations.authority,
        declarations.topic,
        coalesce(
            fields.dataset || '.' || fields.field, declarations.subject
        ) as subject,
        declarations.value,
        fields.field is not null as is_of_whole_dataset,
    from declarations
    inner join days
        on declarations.authority = days.authority
        and {{ in_force('declarations', 'days.as_of_date') }}
    left join fields
        on declarations.subject = fields.dataset || '.*'

),

-- what is declared of a field wins over what is declared of its dataset
final as (

    select authority, topic, subject, value
    from matched
    qualify row_number() over (
        partition by authority, topic, subject
        order by is_of_whole_dataset
    ) = 1

)

select * from final
