with delivered as (

    {{ delivered_rows(
        'incidents',
        ['local_family_id', 'incident_month'],
        ['dv', 'asb', 'offences', 'missing'],
    ) }}

),

mapped as (

    select authority, positions
    from {{ ref('stg_headings') }}
    where dataset = 'incidents'

),

-- one row per family, month and kind of incident
unpivoted as (

    {%- for incident_type in ['dv', 'asb', 'offences', 'missing'] %}
    select
        delivered.month,
        delivered.authority,
        delivered.as_of_month,
        delivered.as_of_date,
        delivered.file_name,
        delivered.sheet,
        delivered.row_number,
        delivered.local_family_id,
        date_trunc(
            'month',
            {{ parse_date('delivered.incident_month', 'delivered.date_formats') }}
        )::date as incident_month,
        mapped.positions['incident_month'] is not null as is_month_delivered,
        '{{ incident_type }}' as incident_type,
        delivered.{{ incident_type }}_word as count_text,
        delivered.{{ incident_type }} as word_status,
        mapped.positions['{{ incident_type }}'] is not null as is_delivered,
    from delivered
    inner join mapped
        on delivered.authority = mapped.authority
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

counted as (

    select
        unpivoted.*,
        -- DuckDB would read 3.5 as 4
        case
            when regexp_full_match(unpivoted.count_text, '[0-9]+(\.0+)?')
                then try_cast(unpivoted.count_text as integer)
        end as delivered_count,
        zero.value as zero_means,
        blank.value as blank_means,
        basis.value as source_basis,
    from unpivoted
    {%- for alias, topic in [
        ('zero', 'zero_means'), ('blank', 'blank_means'),
        ('basis', 'source_basis'),
    ] %}
    {{ join_declared(
        alias, 'unpivoted', topic, "'incidents.' || unpivoted.incident_type"
    ) }}
    {%- endfor %}

),

resolved as (

    select
        *,
        case
            when not is_delivered then 'not_held'
            when count_text is null then coalesce(blank_means, 'not_known')
            when word_status is not null then word_status
            when delivered_count > 0 then 'observed'
            -- without a declaration a zero has no meaning
            when delivered_count = 0 then coalesce(zero_means, 'not_known')
            else 'not_known'
        end as status,
        case
            when not is_delivered then 'no_heading'
            when delivered_count > 0 then 'count'
            else {{ said_by(
                'count_text', 'word_status', 'zero_means', 'blank_means'
            ) }}
        end as status_rule,
    from counted

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
        incident_month,
        case
            when incident_month > as_of_date then 'MONTH_IN_FUTURE'
            when incident_month is null and is_month_delivered
                then 'MONTH_UNREADABLE'
        end as month_rule,
        incident_type,
        count_text,
        -- a blank or a word may be declared a true zero
        case status
            when 'observed' then delivered_count
            when 'true_zero' then coalesce(delivered_count, 0)
        end as incident_count,
        status,
        status_rule,
        source_basis,
        delivered_count = 0 and zero_means is null as is_bare_zero,
        count_text is not null and word_status is null
        and coalesce(delivered_count, -1) < 0 as is_unreadable,
    from resolved

)

select * from final
