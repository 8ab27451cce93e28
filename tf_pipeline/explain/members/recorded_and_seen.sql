-- families for which both a record and the key worker say yes or no
with alcohol as (
    select
        rows.authority,
        rows.month as as_of_month,
        rows.family_key,
        rows.row_number,
        case
            when coalesce(trim(rows.texts[headings.position]), '') = ''
                then coalesce(blank.value, 'not_known')
            when words.canonical is not null then words.canonical
            when try_cast(trim(rows.texts[headings.position]) as double) = 0
                then coalesce(zero.value, 'not_known')
            else 'not_known'
        end as status,
    from delivered as rows
    inner join headings
        on rows.authority = headings.authority
        and rows.month = headings.month
        and headings.dataset = 'needs'
        and headings.field = 'alcohol'
    inner join declared as basis
        on rows.authority = basis.authority
        and rows.month = basis.month
        and (basis.dataset, basis.field) = ('needs', 'alcohol')
        and (basis.topic, basis.value) = ('source_basis', 'key_worker')
    left join declared as zero
        on rows.authority = zero.authority
        and rows.month = zero.month
        and (zero.dataset, zero.field, zero.topic) = ('needs', 'alcohol', 'zero_means')
    left join declared as blank
        on rows.authority = blank.authority
        and rows.month = blank.month
        and (blank.dataset, blank.field, blank.topic) = ('needs', 'alcohol', 'blank_means')
    left join words
        on rows.authority = words.authority
        and rows.month = words.month
        and (words.dataset, words.field) = ('needs', 'alcohol')
        and words_key(rows.texts[headings.position]) = words.word
    where rows.dataset = 'needs'
    qualify row_number() over (
        partition by rows.authority, rows.month, rows.family_key
        order by status <> 'yes', rows.row_number
    ) = 1
),

seen as (
    select
        month, authority, family_key, need_code, cast(null as varchar) as topic, status,
    from gm.family_needs
    where source_basis = 'key_worker'
    union all by name
    select
        families.month,
        families.authority,
        families.family_key,
        'alcohol' as topic,
        alcohol.status,
    from gm.families as families
    inner join alcohol using (authority, as_of_month, family_key)
),

compared as (
    select
        recorded.month,
        recorded.authority,
        recorded.family_key,
        recorded.topic,
        recorded.recorded_basis,
        bool_or(recorded.status = 'yes') as is_recorded,
        bool_or(seen.status = 'yes') as is_seen,
    from recorded
    inner join open_programme using (month, authority, family_key)
    inner join seen
        on recorded.month = seen.month
        and recorded.authority = seen.authority
        and recorded.family_key = seen.family_key
        and (
            recorded.need_code = seen.need_code
            or (recorded.need_code is null and recorded.topic = seen.topic)
        )
    where recorded.status in ('yes', 'no')
        and seen.status in ('yes', 'no')
        and recorded.recorded_basis not in ('key_worker', 'not_known')
    group by all
)

select month, authority, authority as of_authority, topic, recorded_basis, family_key, column_name
from (
    select
        *,
        unnest([
            'families',
            if(is_recorded, 'recorded_yes', null),
            if(is_seen, 'seen_yes', null),
            if(is_recorded and is_seen, 'both_yes', null)
        ]) as column_name,
    from compared
)
where column_name is not null
