-- three shapes of delivery (a column a need, a row a need, two lists) become one row a need
with delivered as (

    {{ delivered_rows(
        'needs', ['local_family_id'], ['need', 'need_status', 'need_source'], with_cells=true,
    ) }}

),

needs as (

    select * from {{ ref('ref_needs') }}

),

words as (

    select * from {{ ref('stg_words') }}
    where dataset = 'needs'

),

mapped as (

    select authority, positions
    from {{ ref('stg_headings') }}
    where dataset = 'needs'

),

listed as (

    select * from {{ ref('stg_need_lists') }}

),

-- a column a need: the headings that came say which needs have one
wide as (

    select
        delivered.* exclude (cells),
        needs.need_code,
        nullif({{ stripped(
            "delivered.cells[mapped.positions['need_' || needs.need_code]]"
        ) }}, '') as status_word,
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

-- a row a need
long as (

    select
        delivered.* exclude (cells),
        needs.need_code,
        delivered.need_status_word as status_word,
        delivered.need_status as any_status,
        'needs.need_status' as any_subject,
        delivered.need_source as basis,
    from delivered
    inner join needs
        on delivered.need = needs.need

),

-- the authority has a word of its own for these needs, or its lists name them
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
        -- a canonical name is a word of every authority
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

-- lists cover the frameworks whose needs they name, or all where they name none
covered as (

    select authority, need_code, need
    from known_needs
    where (authority, framework) in (select authority, framework from named_frameworks)
        or authority not in (select authority from named_frameworks)

),

-- every delivered row has a row for each need that the lists cover
lists as (

    select
        delivered.* exclude (cells),
        covered.need_code,
        -- what is in neither list is a blank
        listed.status as list_status,
    from delivered
    inner join mapped
        on delivered.authority = mapped.authority
    inner join covered
        on delivered.authority = covered.authority
    left join listed
        on delivered.authority = listed.authority
        and delivered.file_name = listed.file_name
        and delivered.sheet is not distinct from listed.sheet
        and delivered.row_number = listed.row_number
        and covered.need = listed.need
    where mapped.positions['needs_present'] is not null

),

unified as (

    select * from wide
    union all by name
    select * from long
    union all by name
    select * from lists

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
        need_code,
        status_word,
        any_status,
        any_subject,
        list_status,
        basis,
        need_word,
        need,
    from unified

)

select * from final
