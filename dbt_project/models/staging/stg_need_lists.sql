-- the shape of two lists: a row for each name in them
with delivered as (

    {{ delivered_rows('needs', ['needs_present', 'needs_absent']) }}

),

pieces as (

    {%- for field, status in [('needs_present', 'yes'), ('needs_absent', 'no')] %}
    select
        month,
        authority,
        as_of_month,
        file_name,
        sheet,
        row_number,
        '{{ status }}' as status,
        unnest(regexp_split_to_array({{ field }}, '\s*[;,|]\s*')) as piece,
    from delivered
    {{ 'union all by name' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        pieces.month,
        pieces.authority,
        pieces.as_of_month,
        pieces.file_name,
        pieces.sheet,
        pieces.row_number,
        needs.need,
        pieces.status,
    from pieces
    inner join {{ ref('stg_words') }} as words
        on pieces.authority = words.authority
        and words.dataset = 'needs'
        and words.field = 'need'
        and {{ words_key('pieces.piece') }} = words.word
    inner join {{ ref('ref_needs') }} as needs
        on words.canonical = needs.need

)

select * from final
