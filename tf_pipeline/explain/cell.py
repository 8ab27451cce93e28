"""A published figure: its table, row, key, value, and their descriptions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from tf_pipeline.dbt.grains import model_grains
from tf_pipeline.explain.not_explained import NotExplained

SHOWN_NAMES, SHOWN_VALUES = 50, 8


@dataclass(frozen=True)
class Cell:
    """One published value. `rows_alike` is the number of rows that match the request."""

    table: str
    column: str
    row: Mapping[str, Any]
    grain: list[str]
    about_table: str
    about_column: str
    is_number: bool
    rows_alike: int
    differ_in: list[str]

    @property
    def value(self) -> Any:
        """The published value."""
        return self.row[self.column]

    @property
    def key(self) -> dict[str, Any]:
        """The columns that identify the row, with their values."""
        return {name: self.row[name] for name in self.grain}


def find(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, wanted: Mapping[str, str]
) -> Cell:
    """The cell of a table and column in the first row that matches `wanted` (column → value).

    Raises NotExplained, and lists what exists instead.
    """
    tables = _names(connection, "select distinct table_name from gm.dictionary")
    among(connection, "table", table, tables, SHOWN_NAMES)
    columns = columns_of(connection, table)
    for name in (column, *wanted):
        among(connection, f"column of {table}", name, list(columns), SHOWN_NAMES)
    grain = grain_of(connection, table)
    conditions, values = _narrow(connection, table, wanted)
    found = connection.execute(
        f"select * from gm.{table} where {conditions} order by {_list(grain)} limit 2", values
    )
    names = [entry[0] for entry in found.description or []]
    rows = found.fetchall()
    if not rows:
        raise NotExplained(f"gm.{table} has no row to explain.")
    row, other = (dict(zip(names, one, strict=True)) for one in (rows[0], rows[-1]))
    alike = connection.execute(f"select count(*) from gm.{table} where {conditions}", values)
    rows_alike = alike.fetchall()[0][0]
    return Cell(
        table, column, row, grain,
        _about(connection, table, ""), _about(connection, table, column),
        column not in grain and bool(re.match(r".*INT|DOUBLE|DECIMAL|FLOAT", columns[column])),
        rows_alike, [name for name in grain if row[name] != other[name]],
    )  # fmt: skip


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Column → type of a published table, in the table's order."""
    found = connection.execute(
        "select column_name, data_type from gm.dictionary "
        "where table_name = ? and column_name <> '' order by position",
        [table],
    )
    return dict(found.fetchall())


def grain_of(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """The columns that identify a row: from the model, otherwise from the release's comment."""
    joined = model_grains().get(table) or _about(connection, table, "").rpartition("Grain: ")[2]
    return [name.strip() for name in joined.split(",")]


def _about(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> str:
    found = connection.execute(
        "select description from gm.dictionary where table_name = ? and column_name = ?",
        [table, column],
    ).fetchone()
    return (found and found[0]) or ""


def _narrow(
    connection: duckdb.DuckDBPyConnection, table: str, wanted: Mapping[str, str]
) -> tuple[str, list[str]]:
    """SQL and values for `wanted`; tests one condition at a time to report which one fails."""
    conditions = "true"
    values: list[str] = []
    for name, value in wanted.items():
        before, conditions = conditions, f'{conditions} and "{name}"::varchar = ?'
        held = [*values, value]
        if not connection.execute(
            f"select 1 from gm.{table} where {conditions} limit 1", held
        ).fetchone():
            there = connection.execute(
                f'select distinct "{name}"::varchar from gm.{table} where {before} order by 1',
                values,
            ).fetchall()
            among(
                connection,
                f"{name} in {table}",
                value,
                [one for (one,) in there if one is not None],
            )
        values = held
    return conditions, values


def among(
    connection: duckdb.DuckDBPyConnection,
    what: str,
    name: str,
    there: list[str],
    shown_at_most: int = SHOWN_VALUES,
) -> None:
    """Raises NotExplained, with the closest name first, if a name is not in the list."""
    if name in there:
        return
    closest = connection.execute(
        "select name from (select unnest(?::varchar[]) as name) "
        "order by levenshtein(name, ?), name limit ?",
        [there, name, shown_at_most],
    ).fetchall()
    shown = ", ".join(name for (name,) in closest) or "none"
    more = f" and {len(there) - len(closest):,} more" if len(there) > len(closest) else ""
    raise NotExplained(f"There is no {what} '{name}'. Expected one of: {shown}{more}.")


def _names(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return sorted(row[0] for row in connection.execute(query).fetchall())


def _list(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
