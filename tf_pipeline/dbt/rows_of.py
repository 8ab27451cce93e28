"""Carries rows between dbt's models in Python and the resolver in `rules`, which reads text."""

from collections.abc import Sequence

import duckdb
import polars as pl


def rows_of(relation: duckdb.DuckDBPyRelation, *columns: str) -> pl.DataFrame:
    """The rows of a table as text, as Python reads a seed; of some columns, each row once."""
    named = relation.select(*columns).distinct() if columns else relation
    return named.pl().cast(pl.String)


def as_relation(
    session: duckdb.DuckDBPyConnection, rows: pl.DataFrame, columns: Sequence[str]
) -> duckdb.DuckDBPyRelation:
    """Rows as dbt writes them: on the connection of its transaction, so that it can undo them."""
    return session.from_arrow(rows.select(columns).to_arrow())
