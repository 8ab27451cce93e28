"""Which field every heading of the standing deliveries names, as Gate 1 reads it too."""


def model(dbt, session):
    """The resolver's reading of the headings of what stands."""
    from tf_pipeline.dbt.rows_of import as_relation, rows_of
    from tf_pipeline.rules.heading_map import heading_map, read_headings

    seeds = {
        "xwalk_headings": rows_of(dbt.ref("xwalk_headings")),
        "ref_fields": rows_of(dbt.ref("ref_fields")),
    }
    standing = rows_of(
        dbt.ref("stg_standing"), "month", "authority", "dataset", "as_of_month", "as_of_date"
    )
    delivered = dbt.source("raw", "headings").pl().rename({"month": "as_of_month"})
    of_standing = delivered.join(
        standing, on=["authority", "as_of_month", "dataset"], maintain_order="left"
    )
    columns = (
        *("month", "authority", "as_of_month", "dataset", "file_name", "sheet", "position"),
        *("heading", "field", "preference", "is_known", "is_read"),
    )
    found = read_headings(of_standing, heading_map(standing, seeds))
    return as_relation(session, found, columns)
