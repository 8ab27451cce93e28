{#- fails for each authority with rows of the month whose family is not in gm.families -#}
{% test has_a_family(model) %}
with control as (

    select month from {{ source('ops', 'control') }}

),

families as (

    select authority, family_key
    from {{ ref('families') }}
    where month = (select month from control)

),

members as (

    select * from {{ model }}
    where month = (select month from control)

),

final as (

    select
        members.authority,
        count(*) as without_family,
    from members
    anti join families
        on members.authority = families.authority
        and members.family_key = families.family_key
    group by members.authority

)

select * from final
{% endtest %}
