"""The declarations in force for the standing deliveries, as Gate 1 reads them too."""


def model(dbt, session):
    """The resolver's declarations for what stands, and GM's own for the month being built."""
    import polars as pl

    from tf_pipeline.calendar import month_end
    from tf_pipeline.dbt.rows_of import as_relation, rows_of
    from tf_pipeline.rules.declarations import declarations_in_force

    seeds = {
        "authority_declarations": rows_of(dbt.ref("authority_declarations")),
        "ref_fields": rows_of(dbt.ref("ref_fields")),
    }
    standing = rows_of(dbt.ref("stg_standing"), "authority", "as_of_date")
    # GM's own rows are for all; they are dated by the month that is loaded
    months = rows_of(dbt.source("ops", "control"), "month")["month"]
    of_gm = pl.DataFrame(
        {"authority": "gm", "as_of_date": [month_end(month).isoformat() for month in months]},
        schema=standing.schema,
    )
    found = declarations_in_force(pl.concat([standing, of_gm]), seeds)
    return as_relation(session, found, ("authority", "topic", "subject", "value"))
