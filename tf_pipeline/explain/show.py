"""Prints an explanation: plain sections, one after the other, for a reader who knows the data."""

from itertools import groupby

from rich.console import Console

from tf_pipeline.explain.explanation import Explanation
from tf_pipeline.explain.passed import model_file
from tf_pipeline.explain.show_delivered import show_delivered
from tf_pipeline.explain.text import PLURAL, line, more, rest, row_text, text_of, title
from tf_pipeline.vocabulary import GateOutcome


def show(out: Console, told: Explanation, rows: int) -> None:
    """Prints all sections."""
    _figure(out, told)
    _counts(out, told)
    show_sources(out, told, rows)


def show_sources(out: Console, told: Explanation, rows: int) -> None:
    """Prints what it comes from, without what it is."""
    show_delivered(out, told)
    _kept(out, told, rows)
    _dated(out, told, rows)
    _gates(out, told)


def _figure(out: Console, told: Explanation) -> None:
    cell = told.cell
    key = " · ".join(f"{name} {text_of(value)}" for name, value in cell.key.items())
    title(out, f"== gm.{cell.table}.{cell.column}")
    line(out, f"{key}", 0)
    line(out, f"{cell.column} = {text_of(cell.value)}", 0)
    line(out, cell.about_column)
    line(out, f"Table: {cell.about_table}")
    if made := model_file(cell.table):
        line(out, f"Made by {made}")
    is_dated_itself = any(entry.month_column for entry in told.lines)
    for delivered, group in groupby(told.rests_on, key=lambda one: one[0]):
        authorities = ", ".join(authority for _, authority in group)
        is_late = delivered != cell.row["month"] and not is_dated_itself
        late = f", carried forward into {cell.row['month']}" if is_late else ""
        line(out, f"Rests on the delivery of {delivered} of {authorities}{late}")
    if cell.rows_alike > 1:
        apart = ", ".join(f"{name}={text_of(cell.row[name])}" for name in cell.differ_in)
        line(out, f"{cell.rows_alike} rows of the table answer to this; the first is explained. "
             f"What tells it apart from the next (--where): {apart}")  # fmt: skip


def _counts(out: Console, told: Explanation) -> None:
    if not told.lines or not any(entry.is_delivered for entry in told.lines):
        return
    title(out, "What it counts")
    for counted in told.counted:
        many = counted.members != 1
        name = PLURAL[counted.entity] if many else counted.entity
        of = f" of {counted.authorities} authorities" if counted.authorities > 1 else ""
        total = "" if counted.amount == counted.members else f", adding up to {counted.amount:g}"
        column = "" if counted.column == told.cell.column else f"{counted.column}: "
        keys = ", ".join(counted.first) + more(counted.members, len(counted.first))
        line(out, f"{column}{counted.members:,} {name}{of}{total}: {keys}")
    if not told.counted:
        entity = next((e.entity for e in told.lines if e.entity in PLURAL), None)
        line(out, f"No {entity} is counted here." if entity else "The row itself.")


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
        rest(out, len(records.rows), rows)


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
        rest(out, len(found), rows)


def _gates(out: Console, told: Explanation) -> None:
    title(out, "The gates passed")
    for gate in told.gates:
        words = GateOutcome(gate.outcome).in_words
        line(out, f"{gate.month} {gate.gate}: {words}, {gate.rules} rules on {gate.rows:,} rows, "
             f"{gate.ran_at:%Y-%m-%d %H:%M}")  # fmt: skip
        if gate.said:
            line(out, gate.said, 2)
    if not told.gates:
        line(out, "None is recorded for this month.")
