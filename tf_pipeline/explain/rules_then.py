"""What every accepted delivery was read by: its headings, words and declarations, with their rows.

Belongs here: asking the resolver for all accepted deliveries, from the warehouse's own seeds.
Does not belong here: which row decides (`rules`).
"""

import duckdb
import polars as pl

from tf_pipeline.dbt.rows_of import rows_of
from tf_pipeline.rules.declarations import DECLARATION_SEEDS, declarations_in_force
from tf_pipeline.rules.heading_map import HEADING_SEEDS, OWN, heading_map, read_headings
from tf_pipeline.rules.word_map import WORD_SEEDS, word_map

MONTH = pl.col("as_of_date").str.slice(0, 7).alias("month")
# every accepted delivery, not only the current ones
ACCEPTED = """
create temp table accepted as
select
    authority,
    month,
    dataset,
    date_formats,
    last_day(cast(month || '-01' as date)) as as_of_date,
from warehouse.raw.accepted
"""
ROW = ["valid_from", "valid_to", "reviewed_by", "note"]


def resolve_accepted(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the temp tables `accepted`, and for its deliveries `headings`, `words`, `declared`.

    headings: the one heading read for a field. words: what each word means. declared: each
    field's declarations. The first two have the dates, reviewer and note of the row that decides.
    """
    connection.execute(ACCEPTED)
    seeds = {
        name: rows_of(connection.sql(f"from warehouse.reference.{name}"))
        for name in {*WORD_SEEDS, *HEADING_SEEDS, *DECLARATION_SEEDS}
    }
    columns = ("authority", "as_of_date", "dataset")
    accepted = rows_of(connection.sql("from accepted"), *columns).with_columns(MONTH)
    delivered = connection.sql("from warehouse.raw.headings").pl()
    delivered = delivered.join(accepted, on=["authority", "month", "dataset"])
    read = read_headings(delivered, heading_map(accepted, seeds)).filter("is_read")
    _store(
        connection,
        "headings",
        read.select(
            *("authority", "month", "dataset", "field", "heading", "position"),
            (pl.col("preference") != OWN).alias("is_common"),
            *ROW,
        ),
    )
    words = word_map(accepted, seeds).with_columns(MONTH)
    names = ("authority", "month", "dataset", "field", "word", "delivered", "canonical")
    _store(connection, "words", words.select(*names, *ROW))
    subject = pl.col("subject").str.split_exact(".", 1)
    declared = declarations_in_force(accepted, seeds).with_columns(
        MONTH, subject.struct.rename_fields(["dataset", "field"])
    )
    declared = declared.unnest("subject").filter(pl.col("field").is_not_null())
    _store(
        connection,
        "declared",
        declared.select("authority", "month", "dataset", "field", "topic", "value"),
    )


def _store(connection: duckdb.DuckDBPyConnection, name: str, rows: pl.DataFrame) -> None:
    dates = [pl.col(day).str.to_date() for day in ("valid_from", "valid_to") if day in rows.columns]
    # DuckDB finds a frame by the name of its variable
    typed = rows.with_columns(dates)  # noqa: F841
    connection.execute(f"create temp table {name} as from typed")
