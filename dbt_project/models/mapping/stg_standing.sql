with control as (

    select month from {{ source('ops', 'control') }}

),

accepted as (

    select * from {{ source('raw', 'accepted') }}

),

latest as (

    select
        accepted.authority,
        control.month,
        max(accepted.month) as as_of_month,
    from accepted
    cross join control
    where accepted.month <= control.month
    group by accepted.authority, control.month

),

final as (

    select
        latest.month,
        latest.authority,
        accepted.dataset,
        latest.as_of_month,
        last_day(cast(latest.as_of_month || '-01' as date)) as as_of_date,
        accepted.file_name,
        accepted.sheet,
        accepted.date_formats,
    from latest
    inner join accepted
        on latest.authority = accepted.authority
        and latest.as_of_month = accepted.month

)

select * from final
