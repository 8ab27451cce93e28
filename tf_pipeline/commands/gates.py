"""The command for gates: their results, and their results under the current suites. Thin."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tf_pipeline.calendar import is_month
from tf_pipeline.errors import UserFacingError

if TYPE_CHECKING:
    from tf_pipeline.warehouse.gate_records import StoredGate

NOTHING_CHANGES, SOMETHING_CHANGES = 0, 3

out = Console(highlight=False)


class NoSuchGate(UserFacingError):
    """Nothing is recorded for the request; the message says what is recorded."""


def gates(
    month: Annotated[
        str | None, typer.Option("--month", help="Month, YYYY-MM; by default the newest")
    ] = None,
    authority: Annotated[
        str | None, typer.Option("--authority", help="Only the gate of this authority's delivery")
    ] = None,
    re_decide: Annotated[
        bool,
        typer.Option("--re-decide", help="Decide by today's suites; by default every month"),
    ] = False,
) -> None:
    """Lists the gates: passed, passed with failures under the threshold, failed, could not run.

    --re-decide compares the stored counts with today's suites. It shows what a changed threshold or
    severity would accept, hold or reject. It runs no rule and changes nothing.
    Exit code 0: listed, or nothing would change. 3: something would change or must run again.
    1: no gate is on record. 2: the command was not understood.
    """
    if month and not is_month(month):
        raise typer.BadParameter(f"'{month}' is not a month; expected YYYY-MM, such as 2016-04")
    if re_decide:
        from tf_pipeline.seeds.rulebook import check_rules

        # an override that is not valid would have no effect
        check_rules()
    from tf_pipeline.commands import gates_report as report
    from tf_pipeline.warehouse.connect import reader
    from tf_pipeline.warehouse.gate_records import stored_gates

    with reader("reading the gates") as connection:
        held = stored_gates(connection) if connection else []
        if connection is None or not held:
            raise NoSuchGate("No gate has run yet. Load a month: tf-pipeline load MONTH")
        newest = max(gate.month for gate in held)
        chosen = _chosen(held, month or (None if re_decide else newest), authority)
        if not re_decide:
            report.show_gates(out, chosen)
            raise typer.Exit(NOTHING_CHANGES)
        from tf_pipeline.preview.thresholds import redecide_gates

        decisions = redecide_gates(connection, chosen)
    report.show_decided_again(out, decisions)
    changes = any(decision.changes for decision in decisions)
    raise typer.Exit(SOMETHING_CHANGES if changes else NOTHING_CHANGES)


def _chosen(
    held: "list[StoredGate]", month: str | None, authority: str | None
) -> "list[StoredGate]":
    """The requested gates; raises NoSuchGate, which lists what exists."""
    found = [gate for gate in held if month in (None, gate.month)]
    if not found:
        months = ", ".join(sorted({gate.month for gate in held}))
        raise NoSuchGate(f"No gate has run for {month}; gates have run for {months}")
    if authority is None:
        return found
    of_authority = [gate for gate in found if gate.authority == authority]
    if not of_authority:
        there = ", ".join(sorted({gate.authority for gate in found}))
        raise NoSuchGate(
            f"No delivery of '{authority}' has reached its gate; there are gates of {there}"
        )
    return of_authority


def add_to(app: typer.Typer) -> None:
    """Makes the command known to `tf-pipeline`."""
    app.command()(gates)
