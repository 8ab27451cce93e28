-- what workers see of alcohol, in addition to the needs: services record less than workers see
with delivered as (

    {{ delivered_rows('needs', ['local_family_id'], ['alcohol']) }}

),

supplied as (

    select authority
    from {{ ref('stg_headings') }}
    where dataset = 'needs' and positions['alcohol'] is not null

),

final as (

    select
        delivered.month,
        delivered.authority,
        delivered.as_of_month,
        delivered.file_name,
        delivered.sheet,
        delivered.row_number,
        delivered.local_family_id,
        delivered.alcohol_word,
        {{ said_status(
            'delivered.alcohol_word', 'delivered.alcohol', 'zero.value',
            'blank.value'
        ) }} as status,
        {{ said_by(
            'delivered.alcohol_word', 'delivered.alcohol', 'zero.value',
            'blank.value'
        ) }} as status_rule,
        basis.value as source_basis,
    from delivered
    inner join supplied
        on delivered.authority = supplied.authority
    {{ join_declared('zero', 'delivered', 'zero_means', "'needs.alcohol'") }}
    {{ join_declared('blank', 'delivered', 'blank_means', "'needs.alcohol'") }}
    {{ join_declared('basis', 'delivered', 'source_basis', "'needs.alcohol'") }}

)

select * from final
