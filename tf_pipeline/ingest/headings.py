"""Finds the heading row of a grid, and names its columns.

Belongs here: blank, repeated and overlong headings, and what lies under which heading.
Does not belong here: what a heading means (`fields.py`), whether it is personal
(`personal_headings.py`).
"""

import unicodedata
from collections.abc import Sequence

import polars as pl

from tf_pipeline.findings import Finding
from tf_pipeline.ingest.bounds import Bounds, too_large
from tf_pipeline.ingest.delivery_problem import problem
from tf_pipeline.ingest.sheet_scan import NOT_WORKED_OUT
from tf_pipeline.naming import AGAIN, ROW, words_key
from tf_pipeline.rules.rule_messages import finding

# how many rows are looked at one by one, and then in pieces, for the heading row
AT_ONCE, PIECE = 20, 10_000
EXCEL_ERRORS = {
    "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!",
    "#GETTING_DATA", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#PYTHON!",
}  # fmt: skip


def heading_row(grid: pl.DataFrame, declared: int, place: dict) -> int:
    """The number of the heading row: the first filled one from the declared row on.

    Raises DeliveryProblem (rejected) if there is none.
    """
    cells = grid.slice(max(declared - int(grid[ROW][0]), 0)) if grid.height else grid
    for at in range(min(cells.height, AT_ONCE)):
        if any(cell and cell.strip() for cell in cells.row(at)[1:]):
            return int(cells.row(at)[0])
    filled = pl.any_horizontal(pl.exclude(ROW).str.strip_chars().fill_null("") != "")
    for start in range(AT_ONCE, cells.height, PIECE):
        rows = cells.slice(start, PIECE).filter(filled)[ROW]
        if rows.len():
            return int(rows[0])
    raise problem("HEADING_ROW_MISSING", row=declared, **place)


def headings_of(
    grid: pl.DataFrame, row: int, limits: Bounds, place: dict
) -> tuple[dict[str, str], list[Finding]]:
    """Grid column → heading; numbers a blank or repeated heading and reports a repeated one.

    Raises DeliveryProblem (rejected) if a heading is longer than a heading may be.
    """
    at = row - int(grid[ROW][0])
    cells = [(cell or "").strip() for cell in grid.row(at)[1:]]
    if (length := max(len(cell) for cell in cells)) > limits.heading_characters:
        raise too_large("heading_characters", length, limits, row=row, **place)
    below = grid.slice(at + 1)
    names: dict[str, str] = {}
    known: set[str] = set()
    findings = []
    for position, (column, cell) in enumerate(zip(grid.columns[1:], cells, strict=True), start=1):
        name = shown(" ".join(cell.split()))
        if not name:
            if below[column].str.strip_chars().fill_null("").eq("").all():
                continue
            name = f"(column {position} without a heading)"
        if words_key(name) in known:
            findings.append(
                finding("HEADING_TWICE", column=position, heading=name, row=row, **place)
            )
            name = f"{name}{AGAIN.format(position)}"
        known.add(words_key(name))
        names[column] = name
    return names, findings


def findings_of_errors(
    errors: Sequence[tuple[int, int, str]], headings: dict[str, str], row: int, place: dict
) -> list[Finding]:
    """One finding for each heading with error cells of Excel below it."""
    by_heading: dict[str, list[tuple[int, str]]] = {}
    for number, column, text in errors:
        heading = headings.get(f"c{column}")
        if heading and number > row and text != NOT_WORKED_OUT:
            by_heading.setdefault(heading, []).append((number, text))
    return [
        finding(
            "ERROR_CELLS",
            errors=", ".join(sorted({text for _, text in found} & EXCEL_ERRORS)) or "unknown",
            heading=heading,
            row=found[0][0],
            occurrences=len(found),
            **place,
        )
        for heading, found in by_heading.items()
    ]


def shown(heading: str) -> str:
    """A heading with every invisible sign in it named: `Fore name (U+200B after "Fore")`."""
    signs = [
        f'U+{ord(sign):04X} after "{"".join(c for c in heading[:at] if _is_visible(c))}"'
        for at, sign in enumerate(heading)
        if not _is_visible(sign)
    ]
    plain = "".join(c for c in heading if _is_visible(c))
    return f"{plain} ({', '.join(signs)})" if signs else heading


def _is_visible(sign: str) -> bool:
    return unicodedata.category(sign) not in ("Cf", "Cc", "Co", "Cn")
