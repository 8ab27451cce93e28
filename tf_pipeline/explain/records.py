"""Our own records behind a row that no delivery made: seed rows, attempts, findings, gates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from tf_pipeline.explain.cell import Cell
from tf_pipeline.explain.dated import seed_file
from tf_pipeline.explain.lineage import Line

REFERENCE = "reference"
# an authority's own row wins over one for all
OWN_ROWS = """qualify "authority" <> '*' or not bool_or("authority" <> '*') over ()"""
IN_FORCE = " and holds(valid_from, valid_to, last_day(cast(? || '-01' as date)))"


@dataclass(frozen=True)
class Records:
    """Rows of one of our tables: where they are written, and their content."""

    written_in: str
    rows: Sequence[Mapping[str, Any]]
    note: str | None


def records_of(
    connection: duckdb.DuckDBPyConnection, cell: Cell, lines: list[Line]
) -> list[Records]:
    """The records of each line that is not about a delivery."""
    kept = [_records(connection, cell, line) for line in lines if not line.is_delivered]
    return [records for records in kept if records]


def _records(connection: duckdb.DuckDBPyConnection, cell: Cell, line: Line) -> Records | None:
    if not line.dataset:
        return Records("", [], line.note)
    schema, _, table = line.dataset.partition(".")
    # cells never leave the warehouse this way
    columns = connection.execute(
        "select column_name from duckdb_columns() where database_name = 'warehouse' "
        "and schema_name = ? and table_name = ? and data_type not like 'MAP%'",
        [schema, table],
    ).fetchall()
    names = [name for (name,) in columns]
    conditions, values = _conditions(cell, line)
    query = f"""
        select {", ".join(f'"{name}"' for name in names)}
        from warehouse.{schema}."{table}"
        where {conditions}{{in_force}}
        {OWN_ROWS if "authority" in names else ""}
        order by all
        """
    found = []
    if "valid_from" in names and "month" in cell.row:
        held = query.format(in_force=IN_FORCE)
        found = connection.execute(held, [*values, cell.row["month"]]).fetchall()
    # if no row is in force, show the others: that explains the figure
    found = found or connection.execute(query.format(in_force=""), values).fetchall()
    if not found and schema == REFERENCE:
        return None
    rows = [dict(zip(names, row, strict=True)) for row in found]
    written = seed_file(table) if schema == REFERENCE else f"the warehouse's {line.dataset}"
    return Records(written, rows, line.note)


def _conditions(cell: Cell, line: Line) -> tuple[str, list[str]]:
    """`column` equals the row's own value, `column=text` a text; `column~other` lies in `other`.

    A row for all (`*`) matches too; for the whole (gm) the rows of every authority match.
    """
    conditions, values = ["true"], []
    for key in line.keys:
        name, is_text, text = key.partition("=")
        name, is_part, other = name.partition("~")
        value = text if is_text else cell.row.get(other or name)
        if value is None or (name == "authority" and value == "gm" and name not in cell.grain[:1]):
            continue
        asked = "strpos(?, {0}) > 0" if is_part else "{0} in (?, '*')"
        conditions.append(asked.format(f'"{name}"::varchar'))
        values.append(str(value))
    return " and ".join(conditions), values
