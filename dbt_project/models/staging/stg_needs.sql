-- three shapes of delivery (a column per need, a row per need, two lists) become one row per need
with delivered as (

    {{ delivered_rows(
        'needs',
        ['local_family_id', 'needs_present', 'needs_absent'],
        ['need', 'need_status', 'need_source'],
        with_cells=true,
    ) }}

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

mapped as (

    select authority, positions
    from {{ ref('stg_headings') }}
    where dataset = 'needs'

),

-- a column per need: the delivered headings show which needs have one
wide as (

    select
        delivered.* exclude (cells),
        needs.need_code,
        nullif(trim(
            delivered.cells[mapped.positions['need_' || needs.need_code]]
        ), '') as status_word,
        cast(null as varchar) as list_status,
        basis_words.canonical as basis,
    from delivered
    inner join mapped
        on delivered.authority = mapped.authority
    inner join needs
        on mapped.positions['need_' || needs.need_code] is not null
    left join words as basis_words
        on delivered.authority = basis_words.authority
        and basis_words.field = 'need_' || needs.need_code || '_basis'
        and {{ words_key(
            "delivered.cells[mapped.positions['need_' || needs.need_code || '_basis']]"
        ) }} = basis_words.word

),

-- a row per need
long as (

    select
        delivered.* exclude (cells),
        needs.need_code,
        delivered.need_status_word as status_word,
        -- a word for any need; one for this need wins
        delivered.need_status as any_status,
        'needs.need_status' as any_subject,
        cast(null as varchar) as list_status,
        delivered.need_source as basis,
    from delivered
    inner join needs
        on delivered.need = needs.need

),

-- two lists: a row for each name in them
pieces as (

    {%- for field, status in [('needs_present', 'yes'), ('needs_absent', 'no')] %}
    select
        authority,
        file_name,
        row_number,
        '{{ status }}' as status,
        unnest(regexp_split_to_array({{ field }}, '\s*[;,|]\s*')) as piece,
    from delivered
    {{ 'union all by name' if not loop.last }}
    {%- endfor %}

),

listed as (

    select
        pieces.authority,
        pieces.file_name,
        pieces.row_number,
        needs.need,
        pieces.status,
    from pieces
    inner join words
        on pieces.authority = words.authority
        and words.field = 'need'
        and {{ words_key('pieces.piece') }} = words.word
    inner join needs
        on words.canonical = needs.need

),

-- needs for which the authority has its own word, or which its lists name
known_needs as (

    select distinct
        words.authority,
        needs.need_code,
        needs.need,
        needs.framework,
    from words
    inner join needs
        on words.canonical = needs.need
    left join listed
        on words.authority = listed.authority
        and needs.need = listed.need
    where words.field = 'need'
        -- every authority may use a canonical name
        and (
            words.is_canonical_itself is distinct from true
            or listed.need is not null
        )

),

named_frameworks as (

    select distinct listed.authority, needs.framework
    from listed
    inner join needs
        on listed.need = needs.need

),

-- lists cover the frameworks whose needs they name, or all if they name none
covered as (

    select
        known_needs.authority,
        known_needs.need_code,
        known_needs.need,
    from known_needs
    where (known_needs.authority, known_needs.framework) in (
            select authority, framework from named_frameworks
        )
        or known_needs.authority not in (
            select authority from named_frameworks
        )

),

-- every delivered row has a row for each need that the lists cover
lists as (

    select
        delivered.* exclude (cells),
        covered.need_code,
        cast(null as varchar) as status_word,
        -- a need in neither list is a blank
        listed.status as list_status,
        cast(null as varchar) as basis,
    from delivered
    inner join mapped
        on delivered.authority = mapped.authority
    inner join covered
        on delivered.authority = covered.authority
    left join listed
        on delivered.authority = listed.authority
        and delivered.file_name = listed.file_name
        and delivered.row_number = listed.row_number
        and covered.need = listed.need
    where mapped.positions['needs_present'] is not null

),

-- the three shapes become one; the status is read from here
unified as (

    select * from wide
    union all by name
    select * from long
    union all by name
    select * from lists

),

read_as as (

    select
        unified.*,
        coalesce(words.canonical, unified.any_status) as canonical,
        coalesce(zero.value, any_zero.value) as zero_means,
        coalesce(blank.value, any_blank.value) as blank_means,
    from unified
    left join words
        on unified.authority = words.authority
        and words.field = 'need_' || unified.need_code
        and {{ words_key('unified.status_word') }} = words.word
    {%- for prefix, subject in [
        ('', "'needs.need_' || unified.need_code"),
        ('any_', 'unified.any_subject'),
    ] %}
    {%- for topic in ['zero', 'blank'] %}
    {{ join_declared(
        prefix ~ topic, 'unified', topic ~ '_means', subject
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
