-- who is in eligibility_sensitivity: counted families, by the rulings that make them eligible
with families as (

    select * from {{ ref('int_family_eligibility') }}
    where is_in_force and is_counted

),

final as (

    select
        month,
        authority,
        family_key,
        concat_ws(
            ' ',
            'families',
            if(
                is_eligible_support_counted,
                'eligible_support_group_counted',
                null
            ),
            if(
                is_eligible_support_not_counted,
                'eligible_support_group_not_counted',
                null
            ),
            if(is_decided_by_support_group, 'changed', null),
            if(is_eligible_as_declared, 'eligible_as_declared', null),
            if(is_eligible_common, 'eligible_common', null)
        ) as column_names,
        1 as amount,
        true as is_in_gm,
    from families

)

select * from final
