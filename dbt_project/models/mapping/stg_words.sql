with standing as (

    select * from {{ ref('stg_standing') }}

),

crosswalk as (

    select * from {{ ref('xwalk_values') }}

),

fields as (

    select * from {{ ref('ref_fields') }}

),

-- what each field may say
vocabulary as (

    select * from {{ ref('ref_values') }}

),

matched as (

    select
        standing.authority,
        fields.dataset,
        fields.field,
        {{ words_key('crosswalk.delivered') }} as word,
        crosswalk.canonical,
        (crosswalk.dataset = '*')::integer
        + (crosswalk.field = '*')::integer as generality,
    from standing
    inner join fields
        on standing.dataset = fields.dataset
    inner join crosswalk
        on standing.authority = crosswalk.authority
        and crosswalk.dataset in (fields.dataset, '*')
        and crosswalk.field in (fields.field, '*')
        and {{ in_force('crosswalk', 'standing.as_of_date') }}
    left join vocabulary
        on fields.domain = vocabulary.domain
        and crosswalk.canonical = vocabulary.value
    -- a row for a whole dataset speaks of the fields that may have the value it means; a word for
    -- no value may stand in any of them
    where crosswalk.field <> '*'
        or crosswalk.dataset = '*'
        or vocabulary.value is not null
        or crosswalk.canonical in ('not_known', 'not_held', 'not_applicable')

),

-- a canonical value is a word for itself, unless a row of the authority says otherwise
canonical_words as (

    select
        standing.authority,
        fields.dataset,
        fields.field,
        {{ words_key('vocabulary.value') }} as word,
        vocabulary.value as canonical,
        3 as generality,
    from standing
    inner join fields
        on standing.dataset = fields.dataset
    inner join vocabulary
        on fields.domain = vocabulary.domain

),

-- the most specific row wins
final as (

    select
        authority,
        dataset,
        field,
        word,
        canonical,
        generality = 3 as is_canonical_itself,
    from (
        select * from matched
        union all by name
        select * from canonical_words
    )
    qualify row_number() over (
        partition by authority, dataset, field, word
        order by generality, canonical
    ) = 1

)

select * from final
