"""The definitions in force for the standing deliveries, compared with GM's common meanings."""


def model(dbt, session):
    """The resolver's definitions for what stands."""
    from tf_pipeline.dbt.rows_of import as_relation, rows_of
    from tf_pipeline.rules.declarations import definitions_in_force

    found = definitions_in_force(
        rows_of(dbt.ref("stg_standing"), "authority", "as_of_date"),
        rows_of(dbt.ref("authority_definitions")),
        rows_of(dbt.ref("stg_declarations")).filter(authority="gm"),
    )
    return as_relation(
        session, found, ("authority", "topic", "meaning", "source_basis", "is_common")
    )
