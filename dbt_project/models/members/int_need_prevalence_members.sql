-- who is in need_prevalence: counted families by the status of each need
with needs as (

    select * from {{ ref('int_family_needs') }}
    where is_counted

),

-- where no is never recorded the rate is 1 by its making
sides as (

    select
        authority,
        need_code,
        count(*) filter (where status = 'yes') > 0
        and count(*) filter (where status = 'no') = 0
        and count(*) filter (where status = 'not_held') > 0 as is_one_sided,
    from needs
    group by authority, need_code

),

final as (

    select
        needs.month,
        needs.authority,
        needs.need_code,
        needs.family_key,
        concat_ws(
            ' ',
            'families',
            needs.status,
            -- on GM's common definition there is no figure where the definition is another
            if(
                needs.is_comparable and needs.status_common in ('yes', 'no'),
                needs.status_common || '_common',
                null
            )
        ) as column_names,
        1 as amount,
        sides.is_one_sided,
        -- GM adds up only what means the same and can say both yes and no
        needs.is_comparable and not sides.is_one_sided as is_in_gm,
    from needs
    inner join sides
        on needs.authority = sides.authority
        and needs.need_code = sides.need_code

)

select * from final
