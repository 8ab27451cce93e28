"""One family: every published row about it and its people, each with its place in a delivery."""

from collections.abc import Iterator

import duckdb
from rich.console import Console

from tf_pipeline.explain import delivered, members
from tf_pipeline.explain.cell import Cell, among, columns_of, grain_of
from tf_pipeline.explain.explanation import explain
from tf_pipeline.explain.lineage import KEYS, lines_of
from tf_pipeline.explain.show import line, places_text, row_text, show, title

FAMILY, PERSON = KEYS["family"], KEYS["person"]
# a column without a line of its own: the row's, not one figure's
ROW = "authority"
BESIDE = ("month", "authority", FAMILY, "as_of_month")


def show_family(
    out: Console,
    connection: duckdb.DuckDBPyConnection,
    key: str,
    month: str | None,
    rows: int,
    restricted: bool,
) -> None:
    """Prints a family's rows, table by table. Raises NotExplained where there is no such family."""
    held = [
        row[0] for row in connection.execute("select distinct month from gm.families").fetchall()
    ]
    if month:
        among(connection, "month", month, sorted(held))
    month = month or max(held)
    there = connection.execute("select family_key from gm.families where month = ?", [month])
    among(connection, f"family in {month}", key, [row[0] for row in there.fetchall()])
    out.print()
    title(out, f"== family {key} in {month}")
    for table, cells in _tables(connection, key, month):
        title(out, f"{table} · {len(cells)} row{'' if len(cells) == 1 else 's'}")
        for cell in cells:
            shown = {name: value for name, value in cell.row.items() if name not in BESIDE}
            line(out, row_text(shown.items()))
            line(out, f"← {_place(connection, cell, rows)}", 2)
    show(out, explain(connection, _family(connection, key, month), rows, restricted), rows)


def _tables(
    connection: duckdb.DuckDBPyConnection, key: str, month: str
) -> Iterator[tuple[str, list[Cell]]]:
    """Every table with a row a family, or a row one of its people, and the rows of this one."""
    tables = connection.execute(
        "select table_name, max(column_name = ?) from gm.dictionary where column_name in (?, ?) "
        "group by table_name order by table_name",
        [FAMILY, FAMILY, PERSON],
    ).fetchall()
    for table, has_family in tables:
        of = f"{FAMILY} = $key" if has_family else (
            f"(authority, {PERSON}) in (select (authority, {PERSON}) from gm.people "
            f"where month = $month and {FAMILY} = $key)"
        )  # fmt: skip
        grain = grain_of(connection, table)
        names = list(columns_of(connection, table))
        listed = ", ".join(f'"{name}"' for name in names)
        found = connection.execute(
            f"select {listed} from gm.{table} "
            f"where month = $month and {of} order by {', '.join(grain)}",
            {"month": month, "key": key},
        ).fetchall()
        rows = [dict(zip(names, row, strict=True)) for row in found]
        yield table, [Cell(table, ROW, row, grain, "", "", False, 1, []) for row in rows]


def _family(connection: duckdb.DuckDBPyConnection, key: str, month: str) -> Cell:
    return next(cells[0] for table, cells in _tables(connection, key, month) if table == "families")


def _place(connection: duckdb.DuckDBPyConnection, cell: Cell, rows: int) -> str:
    lines = lines_of(connection, cell)
    members.collect(connection, cell, lines)
    delivered.collect(connection, cell, lines)
    return places_text(delivered.places(connection, rows)) or "no delivered row"
