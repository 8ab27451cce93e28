"""What every word of the standing deliveries means, as Gate 1 reads it too."""


def model(dbt, session):
    """The resolver's words for what stands."""
    from tf_pipeline.dbt.rows_of import as_relation, rows_of
    from tf_pipeline.rules.word_map import word_map

    seeds = {
        "xwalk_values": rows_of(dbt.ref("xwalk_values")),
        "ref_fields": rows_of(dbt.ref("ref_fields")),
        "ref_values": rows_of(dbt.ref("ref_values")),
    }
    standing = rows_of(dbt.ref("stg_standing"), "authority", "as_of_date", "dataset")
    columns = ("authority", "dataset", "field", "word", "canonical", "is_canonical_itself")
    return as_relation(session, word_map(standing, seeds), columns)
