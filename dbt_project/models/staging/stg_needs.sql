-- three shapes of delivery (a column a need, a row a need, two lists) become one row a need
with {{ delivered(
    'needs',
    ['local_family_id', 'needs_present', 'needs_absent'],
    [
        'need_1', 'need_2', 'need_3', 'need_4', 'need_5', 'need_6', 'need',
        'need_status', 'need_source', 'need_6_basis',
    ],
) }},

needs as (

    select * from {{ ref('ref_needs') }}

),

words as (

    select * from {{ ref('stg_words') }}
    where dataset = 'needs'

),

declarations as (

    select * from {{ ref('stg_declarations') }}

),

definitions as (

    select * from {{ ref('stg_definitions') }}

),

mapped as (

    select authority, map_keys(fields) as fields
    from {{ ref('stg_headings') }}
    where dataset = 'needs'

),

wide as (

    {%- for code in range(1, 7) %}
    select
        delivered.*,
        {{ code }} as need_code,
        delivered.need_{{ code }}_word as status_word,
        cast(null as varchar) as list_status,
        {{ 'delivered.need_6_basis' if code == 6 else 'null' }} as basis,
    from delivered
    inner join mapped
        on delivered.authority = mapped.authority
    where list_contains(mapped.fields, 'need_{{ code }}')
    {{ 'union all by name' if not loop.last }}
    {%- endfor %}

),

long as (

    select
        delivered.*,
        needs.need_code,
        delivered.need_status_word as status_word,
        cast(null as varchar) as list_status,
        delivered.need_source as basis,
    from delivered
    inner join needs
        on delivered.need = needs.need

),

listed as (

    select
        delivered.authority,
        delivered.file_name,
        delivered.row_number,
        needs.need,
        pieces.status,
    from delivered
    inner join (
        select
            authority,
            file_name,
            row_number,
            'yes' as status,
            unnest(regexp_split_to_array(needs_present, '\s*[;,|]\s*')) as piece,
        from delivered
        union all by name
        select
            authority,
            file_name,
            row_number,
            'no' as status,
            unnest(regexp_split_to_array(needs_absent, '\s*[;,|]\s*')) as piece,
        from delivered
    ) as pieces
        on delivered.authority = pieces.authority
        and delivered.file_name = pieces.file_name
        and delivered.row_number = pieces.row_number
    inner join words
        on delivered.authority = words.authority
        and words.field = 'need'
        and {{ words_key('pieces.piece') }} = words.word
    inner join needs
        on words.canonical = needs.need

),

lists as (

    select
        delivered.*,
        needs.need_code,
        cast(null as varchar) as status_word,
        coalesce(listed.status, 'not_known') as list_status,
        cast(null as varchar) as basis,
    from delivered
    inner join mapped
        on delivered.authority = mapped.authority
    cross join needs
    left join listed
        on delivered.authority = listed.authority
        and delivered.file_name = listed.file_name
        and delivered.row_number = listed.row_number
        and needs.need = listed.need
    where list_contains(mapped.fields, 'needs_present')

),

unified as (

    select * from wide
    union all by name
    select * from long
    union all by name
    select * from lists

),

resolved as (

    select
        unified.*,
        words.canonical,
        zero.value as zero_means,
        case
            when unified.list_status is not null then unified.list_status
            when unified.status_word is null
                then coalesce(blank.value, 'not_known')
            when words.canonical is not null then words.canonical
            -- without a declaration a bare zero says nothing
            when try_cast(unified.status_word as double) = 0
                then coalesce(zero.value, 'not_known')
            else 'not_known'
        end as status,
    from unified
    left join words
        on unified.authority = words.authority
        and words.field = 'need_' || unified.need_code
        and {{ words_key('unified.status_word') }} = words.word
    left join declarations as zero
        on unified.authority = zero.authority
        and zero.topic = 'zero_means'
        and zero.subject = 'needs.need_' || unified.need_code
    left join declarations as blank
        on unified.authority = blank.authority
        and blank.topic = 'blank_means'
        and blank.subject = 'needs.need_' || unified.need_code

),

final as (

    select
        resolved.month,
        resolved.authority,
        resolved.as_of_month,
        resolved.file_name,
        resolved.sheet,
        resolved.row_number,
        resolved.local_family_id,
        resolved.need_code,
        resolved.status_word,
        -- the statuses of needs have no place for what does not apply
        case resolved.status
            when 'not_applicable' then 'not_known'
            else resolved.status
        end as status,
        coalesce(resolved.basis, definitions.source_basis) as source_basis,
        resolved.basis is not distinct from 'esa_support_group'
            as is_esa_support_only,
        coalesce(try_cast(resolved.status_word as double) = 0, false)
        and resolved.canonical is null
        and resolved.zero_means is null as is_bare_zero,
        resolved.status_word is not null
        and resolved.canonical is null
        and try_cast(resolved.status_word as double) is distinct from 0
            as is_unmapped,
        resolved.need_word,
        resolved.need,
    from resolved
    inner join needs
        on resolved.need_code = needs.need_code
    left join definitions
        on resolved.authority = definitions.authority
        and needs.need = definitions.topic

)

select * from final
