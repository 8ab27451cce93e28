-- what an authority says of each need becomes a status
with cells as (

    select * from {{ ref('stg_need_cells') }}

),

needs as (

    select * from {{ ref('ref_needs') }}

),

words as (

    select * from {{ ref('stg_words') }}
    where dataset = 'needs'

),

definitions as (

    select * from {{ ref('stg_definitions') }}

),

read_as as (

    select
        cells.*,
        -- a word for this need wins over one for any need
        coalesce(words.canonical, cells.any_status) as canonical,
        coalesce(zero.value, any_zero.value) as zero_means,
        coalesce(blank.value, any_blank.value) as blank_means,
    from cells
    left join words
        on cells.authority = words.authority
        and words.field = 'need_' || cells.need_code
        and {{ words_key('cells.status_word') }} = words.word
    {%- for prefix, subject in [
        ('', "'needs.need_' || cells.need_code"),
        ('any_', 'cells.any_subject'),
    ] %}
    {%- for topic in ['zero', 'blank'] %}
    {{ join_declared(
        prefix ~ topic, 'cells', topic ~ '_means', subject
    ) }}
    {%- endfor %}
    {%- endfor %}

),

resolved as (

    select
        read_as.*,
        coalesce(
            list_status,
            {{ said_status(
                'status_word', 'canonical', 'zero_means', 'blank_means'
            ) }}
        ) as status,
        case
            when list_status is not null then 'list'
            else {{ said_by(
                'status_word', 'canonical', 'zero_means', 'blank_means'
            ) }}
        end as status_rule,
    from read_as

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
        -- needs have no status for not applicable
        case resolved.status
            when 'not_applicable' then 'not_known'
            else resolved.status
        end as status,
        resolved.status_rule,
        coalesce(
            case
                when resolved.basis not in ('not_held', 'not_applicable')
                    then resolved.basis
            end,
            definitions.source_basis
        ) as source_basis,
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
