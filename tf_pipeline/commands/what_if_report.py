"""Prints the effect of changed rows: the rows as read, then what they change."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tf_pipeline.calendar import month_end
from tf_pipeline.preview.what_if import WhatIf
from tf_pipeline.releases.differences import Difference

WIDTH, AT_MOST = 100, 40


def show_what_if(found: WhatIf) -> None:
    """Prints at most 100 columns, without names, local ids or keys of families and people."""
    out = Console(highlight=False)
    out.width = min(out.width, WIDTH)
    changed = [one for one in found.differences if one.rows.height]
    _edits(out, found)
    if changed:
        _rows(out, found.month, changed)
        for one in changed:
            _cells(out, one)
        _values(out, changed)
        same = [one.table for one in found.differences if not one.rows.height]
        if same:
            out.print(f"These tables use the rows too, and would not change: {', '.join(same)}.")
    else:
        out.print(f"Nothing would change in {found.month}{_why(found)}.")
    out.print(f"Nothing was published; {found.release} is unchanged.", soft_wrap=True)


def _why(found: WhatIf) -> str:
    if not found.edits:
        return ": the seeds already hold these rows"
    end = month_end(found.month).isoformat()
    if all((edit.changes["valid_from"] > end).all() for edit in found.edits):
        return f": every changed row starts after {end}"
    return ""


def _edits(out: Console, found: WhatIf) -> None:
    columns = ("row", "column", "was", "becomes", "from", "until")
    for edit in found.edits:
        _print(out, f"{edit.name}: changed rows, as read", columns, edit.changes.rows())


def _rows(out: Console, month: str, changed: Sequence[Difference]) -> None:
    rows = sorted((row[0], one.table, *row[1:]) for one in changed for row in one.rows.iter_rows())
    columns = ("authority", "table", "before", "after", "changed", "added", "gone")
    _print(out, f"What would change in {month}: rows", columns, rows, numbers=5, at_most=len(rows))


def _cells(out: Console, one: Difference) -> None:
    if one.cells.height:
        columns = ("authority", "row", "column", "before", "after")
        _print(out, f"{one.table}: values that would change", columns, one.cells.rows())


def _values(out: Console, changed: Sequence[Difference]) -> None:
    rows = [
        (one.table, column, authority, count)
        for one in changed
        for authority, column, count in one.values.iter_rows()
    ]
    if rows:
        title = "Number of values that would change in tables of single families, people or cases"
        columns = ("table", "column", "authority", "values")
        _print(out, title, columns, rows, numbers=1, at_most=len(rows))


def _print(
    out: Console,
    title: str,
    columns: Sequence[str],
    rows: Sequence[tuple],
    numbers: int = 0,
    at_most: int = AT_MOST,
) -> None:
    """A plain table; its last columns, `numbers` of them, are counts."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    first_count = len(columns) - numbers
    for position, name in enumerate(columns):
        is_count = position >= first_count
        table.add_column(name, justify="right" if is_count else "left", overflow="fold")
    above: tuple = ()
    for row in rows[:at_most]:
        # as Text, so that a bracket in a value is not read as a style
        table.add_row(*(Text(_shown(cell)) for cell in _without_repeats(row, above)))
        above = row
    out.print(title, style="bold", markup=False)
    out.print(table)
    if len(rows) > at_most:
        out.print(f"and {len(rows) - at_most:,} more")
    out.print()


def _shown(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int) else str(cell or "")


def _without_repeats(row: tuple, above: tuple) -> tuple:
    """The row with a blank first cell if the row above has the same one."""
    return ("", *row[1:]) if above[:1] == row[:1] else row
