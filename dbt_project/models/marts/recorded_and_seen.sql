-- recorded incidents and reality: what services record against what workers see, family by family
with counted as (

    {{ figures_of(
        ref('int_recorded_and_seen_members'),
        ['month', 'topic', 'recorded_basis'],
        ['families', 'recorded_yes', 'seen_yes', 'both_yes']
    ) }}

),

final as (

    select
        month,
        authority,
        topic,
        recorded_basis,
        'key_worker' as seen_basis,
        families::integer as families,
        recorded_yes::integer as recorded_yes,
        seen_yes::integer as seen_yes,
        both_yes::integer as both_yes,
        round(recorded_yes / nullif(seen_yes, 0), 4)::double as ratio,
        round(both_yes / nullif(seen_yes, 0), 4)::double as share_of_seen,
    from counted

)

select * from final
