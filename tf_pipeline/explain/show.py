"""Prints an explanation: plain sections, one after the other, for a reader who knows the data."""

from collections.abc import Iterable
from itertools import groupby
from textwrap import fill
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tf_pipeline.explain.delivered import Place
from tf_pipeline.explain.explanation import Explanation
from tf_pipeline.explain.passed import model_file

PLURAL = {"family": "families", "person": "people", "intervention": "interventions"}
NOT_HELD = "not_held"
WIDTH = 100


def show(out: Console, told: Explanation, rows: int) -> None:
    """Prints all sections."""
    _figure(out, told)
    _counts(out, told, rows)
    _delivered(out, told, rows)
    _kept(out, told, rows)
    _dated(out, told, rows)
    _gates(out, told)


def line(out: Console, text: str, indent: int = 1) -> None:
    """One line of a section; wrapped below itself."""
    blanks = "  " * indent
    width = min(out.width, WIDTH)
    wrapped = fill(text, width, initial_indent=blanks, subsequent_indent=blanks + "  ")
    out.print(wrapped, markup=False, highlight=False, soft_wrap=True)


def title(out: Console, text: str) -> None:
    """The heading of a section."""
    out.print(f"[bold]{escape(text)}[/]", highlight=False)


def _figure(out: Console, told: Explanation) -> None:
    cell = told.cell
    key = " · ".join(f"{name} {_text(value)}" for name, value in cell.key.items())
    title(out, f"== gm.{cell.table}.{cell.column}")
    line(out, f"{key}", 0)
    line(out, f"{cell.column} = {_text(cell.value)}", 0)
    line(out, cell.about_column)
    line(out, f"Table: {cell.about_table}")
    if made := model_file(cell.table):
        line(out, f"Made by {made}")
    for carried, group in groupby(told.rests_on, key=lambda one: one[1]):
        authorities = ", ".join(authority for authority, _ in group)
        month = cell.row.get("month")
        late = f", carried forward into {month}" if carried and carried != month else ""
        line(out, f"Rests on the delivery of {carried or 'no month'} of {authorities}{late}")
    if cell.rows_alike > 1:
        apart = ", ".join(f"{name}={_text(cell.row[name])}" for name in cell.differ_in)
        line(out, f"{cell.rows_alike} rows of the table answer to this; the first is explained. "
             f"What tells it apart from the next (--where): {apart}")  # fmt: skip


def _counts(out: Console, told: Explanation, rows: int) -> None:
    if not told.lines or not any(entry.is_delivered for entry in told.lines):
        return
    title(out, "What it counts")
    for counted in told.counted:
        many = counted.members != 1
        name = PLURAL[counted.entity] if many else counted.entity
        of = f" of {counted.authorities} authorities" if counted.authorities > 1 else ""
        total = "" if counted.amount == counted.members else f", adding up to {counted.amount:g}"
        column = "" if counted.column == told.cell.column else f"{counted.column}: "
        keys = ", ".join(counted.first) + _more(counted.members, len(counted.first))
        line(out, f"{column}{counted.members:,} {name}{of}{total}: {keys}")
    if not told.counted:
        entity = next((e.entity for e in told.lines if e.entity in PLURAL), None)
        line(out, f"No {entity} is counted here." if entity else "The row itself.")


def _delivered(out: Console, told: Explanation, rows: int) -> None:
    if not any(entry.is_delivered for entry in told.lines):
        return
    title(out, "The delivered rows behind it")
    if any(entry.entity == "place" for entry in told.lines):
        row = told.cell.row
        where = [row["file_name"], row["sheet"], f"row {row['row']}" if row["row"] else None]
        place = " · ".join(part for part in where if part)
        line(out, f"The finding is at: {place or 'no file, for none came or it is about all'}")
    for place in told.places:
        line(out, f"{place.authority} {place.month} {_place(place)}")
    for gap in told.unnamed:
        who = (
            "this " + gap.entity
            if gap.of == 1
            else f"{gap.members} of {gap.of} {PLURAL[gap.entity]}"
        )
        holds = NOT_HELD in map(str, told.cell.row.values()) or NOT_HELD in told.cell.row
        means = f": that is what {NOT_HELD} means" if holds else ""
        line(
            out,
            f"No row of {gap.dataset} in the delivery of {gap.month} of {gap.authority} "
            f"names {who}{means}",
        )
    if not told.places and not told.unnamed and not any(e.entity == "place" for e in told.lines):
        line(out, "None: the figure counts nobody, so no delivered row is behind it.")
    for authority, dataset, headings, missing in told.headings:
        read = ", ".join(f"'{heading}'" for heading in headings or [])
        without = f"; no heading for {missing}" if missing else ""
        line(out, f"Headings read, {authority} {dataset}: {read or 'none'}{without}")
    for dataset, file_name, sheet, number, item, cells in told.delivered_cells:
        where = " · ".join(str(part) for part in (dataset, file_name, sheet) if part)
        group = f", group {item}" if item else ""
        texts = ", ".join(f"{heading}: {text!r}" for heading, text in cells)
        line(out, f"{where} · row {number}{group}: {texts}")


def places_text(places: list[Place]) -> str:
    """Places in one line."""
    return "; ".join(_place(place) for place in places)


def _place(place: Place) -> str:
    name = " · ".join(part for part in (place.file_name, place.sheet) if part)
    numbers = ", ".join(f"{number}" for number in place.first) + _more(place.rows, len(place.first))
    return f"{place.dataset}: {name} · {place.rows:,} row{'s' if place.rows > 1 else ''}: {numbers}"


def _kept(out: Console, told: Explanation, rows: int) -> None:
    kept = [records for records in told.records if records.rows or records.note]
    notes = [entry.note for entry in told.lines if entry.is_delivered and entry.note]
    if not kept and not notes:
        return
    title(out, "Where it is written")
    for note in dict.fromkeys(notes):
        line(out, note)
    for records in kept:
        if records.note:
            line(out, records.note)
        if records.written_in:
            found = len(records.rows)
            line(out, f"{records.written_in} · {found} row{'' if found == 1 else 's'}")
        for row in records.rows[:rows]:
            line(out, row_text(row.items()), 2)
        _rest(out, len(records.rows), rows)


def _dated(out: Console, told: Explanation, rows: int) -> None:
    if not told.dated:
        return
    title(out, "The dated rows that shaped it")
    for file, found in told.dated.items():
        line(out, f"{file} · {len(found)} row{'' if len(found) == 1 else 's'}")
        for one in found[:rows]:
            until = f" to {one.valid_to}" if one.valid_to else ""
            reason = f"; {one.reason}" if one.reason else ""
            line(out, f"{one.authority}: {one.says} [from {one.valid_from}{until}, "
                 f"{one.reviewed_by}{reason}]", 2)  # fmt: skip
        _rest(out, len(found), rows)


def _gates(out: Console, told: Explanation) -> None:
    title(out, "The gates passed")
    table = Table(box=None, show_header=False, padding=(0, 0, 0, 2))
    for name in ("month", "gate", "outcome", "rules", "rows", "when"):
        table.add_column(justify="right" if name in ("rules", "rows") else "left", no_wrap=True)
    for gate in told.gates:
        table.add_row(
            gate.month, gate.gate, gate.outcome, f"{gate.rules} rules", f"{gate.rows:,} rows",
            f"{gate.ran_at:%Y-%m-%d %H:%M}",
        )  # fmt: skip
    out.print(table, highlight=False)
    if not told.gates:
        line(out, "None is recorded for this month.")


def row_text(items: Iterable[tuple[str, Any]]) -> str:
    """Names and values of a row, without the empty ones."""
    return " · ".join(f"{name} {_text(value)}" for name, value in items if value is not None)


def _rest(out: Console, there: int, shown: int) -> None:
    if there > shown:
        line(out, f"… and {there - shown} more (--rows)", 2)


def _more(there: int, shown: int) -> str:
    return f", … ({there - shown:,} more)" if there > shown else ""


def _text(value: Any) -> str:
    return "(empty)" if value is None else str(value)
