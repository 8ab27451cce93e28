"""One family: every published row about it and its people, with the place in a delivery."""

from collections.abc import Iterator

import duckdb
from rich.console import Console

from tf_pipeline.explain import delivered, members
from tf_pipeline.explain.cell import Cell, among, columns_of, find, grain_of
from tf_pipeline.explain.delivered_places import places_of
from tf_pipeline.explain.explanation import of_members
from tf_pipeline.explain.lineage import KEYS, Line, lines_of
from tf_pipeline.explain.show import show_sources
from tf_pipeline.explain.show_delivered import places_text
from tf_pipeline.explain.text import line, row_text, title

FAMILY, PERSON = KEYS["family"], KEYS["person"]
# a column without its own lineage line represents the whole row
ROW = "authority"
BESIDE = ("month", "authority", FAMILY, "as_of_month")


def of_key(connection: duckdb.DuckDBPyConnection, key: str, month: str | None) -> Cell:
    """The family's own row (default: latest month). Raises NotExplained if there is none."""
    months = connection.execute("select distinct month from gm.families order by 1").fetchall()
    held = [row[0] for row in months]
    if month:
        among(connection, "month", month, held)
    month = month or held[-1]
    there = connection.execute("select family_key from gm.families where month = ?", [month])
    among(connection, f"family in {month}", key, [row[0] for row in there.fetchall()])
    return find(connection, "families", FAMILY, {"month": month, FAMILY: key})


def show_family(
    out: Console, connection: duckdb.DuckDBPyConnection, family: Cell, rows: int, restricted: bool
) -> None:
    """Prints a family's rows, table by table, then all their sources."""
    out.print()
    title(
        out, f"== family {family.row[FAMILY]} of {family.row['authority']} in {family.row['month']}"
    )
    rows_shown = []
    for table, cells in _tables(connection, family.row[FAMILY], family.row["month"]):
        title(out, f"{table} · {len(cells)} row{'' if len(cells) == 1 else 's'}")
        for cell in cells:
            lines = lines_of(connection, cell)
            rows_shown.append((cell, lines))
            shown = {name: value for name, value in cell.row.items() if name not in BESIDE}
            line(out, row_text(shown.items()))
            line(out, f"← {_place(connection, cell, lines, rows)}", 2)
    members.collect(connection, family, [])
    every: list[Line] = []
    for cell, lines in rows_shown:
        members.add(connection, cell, lines)
        every += [one for one in lines if one not in every]
    show_sources(out, of_members(connection, family, every, rows, restricted), rows)


def _tables(
    connection: duckdb.DuckDBPyConnection, key: str, month: str
) -> Iterator[tuple[str, list[Cell]]]:
    """Every table with rows per family or person, and this family's rows in it.

    Not the members of figures: they say nothing of a family that the other tables do not say.
    """
    tables = connection.execute(
        "select table_name, max(column_name = ?) from gm.dictionary where column_name in (?, ?) "
        "and table_name <> ? group by table_name order by table_name",
        [FAMILY, FAMILY, PERSON, members.PUBLISHED],
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


def _place(connection: duckdb.DuckDBPyConnection, cell: Cell, lines: list[Line], rows: int) -> str:
    members.collect(connection, cell, lines)
    members.find_deliveries(connection, cell)
    delivered.collect(connection, cell, lines)
    return places_text(places_of(connection, rows)) or "no delivered row"
