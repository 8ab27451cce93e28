with examples as (

    select * from {{ ref('level_examples') }}

),

final as (

    select
        example,
        authority,
        agreed_level,
        crosswalk_level,
    from examples
    where agrees is distinct from true

)

select * from final
