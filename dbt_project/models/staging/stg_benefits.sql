with delivered as (

    {{ delivered_rows(
        'benefits',
        ['local_family_id', 'local_person_id', 'as_at'],
        ['benefit'],
    ) }}

),

said as (

    select
        delivered.*,
        coalesce(
            delivered.benefit,
            case
                when delivered.benefit_word is not null then null
                when blank.value = 'true_zero' then 'none'
                else blank.value
            end,
            'not_known'
        ) as word,
        {{ said_by(
            'delivered.benefit_word', 'delivered.benefit', 'null',
            'blank.value'
        ) }} as status_rule,
        coalesce(basis.value, 'not_known') as source_basis,
    from delivered
    {{ join_declared('blank', 'delivered', 'blank_means', "'benefits.benefit'") }}
    {{ join_declared('basis', 'delivered', 'source_basis', "'benefits.benefit'") }}

),

final as (

    select
        month,
        authority,
        as_of_month,
        file_name,
        sheet,
        row_number,
        local_family_id,
        local_person_id,
        benefit_word,
        case
            when word not in ('not_known', 'not_held', 'not_applicable')
                then word
        end as benefit,
        case
            when word = 'none' then 'true_zero'
            when word in ('not_known', 'not_held', 'not_applicable') then word
            else 'observed'
        end as status,
        status_rule,
        source_basis,
        {{ parse_date('as_at', 'date_formats') }} as as_at,
    from said

)

select * from final
