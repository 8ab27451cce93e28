"""Prints an explanation in plain sections, for a reader who knows the data."""

from itertools import groupby

from rich.console import Console

from tf_pipeline.explain.explanation import Explanation
from tf_pipeline.explain.passed import model_file
from tf_pipeline.explain.show_delivered import show_delivered
from tf_pipeline.explain.text import PLURAL, line, more, rest, row_text, text_of, title
from tf_pipeline.vocabulary import GateOutcome


def show(out: Console, about: Explanation, rows: int) -> None:
    """Prints all sections."""
    _figure(out, about)
    _counts(out, about)
    show_sources(out, about, rows)


def show_sources(out: Console, about: Explanation, rows: int) -> None:
    """Prints only the sources, not the figure itself."""
    show_delivered(out, about)
    _kept(out, about, rows)
    _dated(out, about, rows)
    _gates(out, about)


def _figure(out: Console, about: Explanation) -> None:
    cell = about.cell
    key = " · ".join(f"{name} {text_of(value)}" for name, value in cell.key.items())
    title(out, f"== gm.{cell.table}.{cell.column}")
    line(out, f"{key}", 0)
    line(out, f"{cell.column} = {text_of(cell.value)}", 0)
    line(out, cell.about_column)
    line(out, f"Table: {cell.about_table}")
    if made := model_file(cell.table):
        line(out, f"Made by {made}")
    is_dated_itself = any(entry.month_column for entry in about.lines)
    for delivered, group in groupby(about.rests_on, key=lambda one: one[0]):
        authorities = ", ".join(authority for _, authority in group)
        is_late = delivered != cell.row["month"] and not is_dated_itself
        late = f", carried forward into {cell.row['month']}" if is_late else ""
        line(out, f"Based on the delivery of {delivered} of {authorities}{late}")
    if cell.rows_alike > 1:
        apart = ", ".join(f"{name}={text_of(cell.row[name])}" for name in cell.differ_in)
        line(out, f"{cell.rows_alike} rows of the table match; this explains the first. "
             f"To choose it, add --where {apart}")  # fmt: skip


def _counts(out: Console, about: Explanation) -> None:
    if not about.lines or not any(entry.is_delivered for entry in about.lines):
        return
    title(out, "What it counts")
    for counted in about.counted:
        many = counted.members != 1
        name = PLURAL[counted.entity] if many else counted.entity
        of = f" of {counted.authorities} authorities" if counted.authorities > 1 else ""
        total = "" if counted.amount == counted.members else f", adding up to {counted.amount:g}"
        column = "" if counted.column == about.cell.column else f"{counted.column}: "
        keys = ", ".join(counted.first) + more(counted.members, len(counted.first))
        line(out, f"{column}{counted.members:,} {name}{of}{total}: {keys}")
    if not about.counted:
        entity = next((e.entity for e in about.lines if e.entity in PLURAL), None)
        line(out, f"No {entity} is counted here." if entity else "The row itself.")


def _kept(out: Console, about: Explanation, rows: int) -> None:
    kept = [records for records in about.records if records.rows or records.note]
    notes = [entry.note for entry in about.lines if entry.is_delivered and entry.note]
    if not kept and not notes:
        return
    title(out, "Records behind it")
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
        rest(out, len(records.rows), rows)


def _dated(out: Console, about: Explanation, rows: int) -> None:
    if not about.dated:
        return
    title(out, "Crosswalk and declaration rows behind it")
    for file, found in about.dated.items():
        line(out, f"{file} · {len(found)} row{'' if len(found) == 1 else 's'}")
        for one in found[:rows]:
            until = f" to {one.valid_to}" if one.valid_to else ""
            reason = f"; {one.reason}" if one.reason else ""
            line(out, f"{one.authority}: {one.says} [from {one.valid_from}{until}, "
                 f"{one.reviewed_by}{reason}]", 2)  # fmt: skip
        rest(out, len(found), rows)


def _gates(out: Console, about: Explanation) -> None:
    title(out, "Gates")
    for gate in about.gates:
        words = GateOutcome(gate.outcome).in_words
        line(out, f"{gate.month} {gate.gate}: {words}, {gate.rules} rules on {gate.rows:,} rows, "
             f"{gate.ran_at:%Y-%m-%d %H:%M}")  # fmt: skip
        if gate.said:
            line(out, gate.said, 2)
    if not about.gates:
        line(out, "No gate is on record for this month.")
