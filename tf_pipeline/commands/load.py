"""The commands that load and show the result: load, confirm, rules, status. Thin."""

import time
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tf_pipeline import paths
from tf_pipeline.calendar import is_month, months_between

out = Console()
log = Console(stderr=True, highlight=False)

# the programme's first phase began in April 2012
FIRST_MONTH = "2012-04"
ALL_ACCEPTED, NOTHING_PUBLISHED, SOME_NOT_ACCEPTED = 0, 1, 3
STYLE = {"accepted": "green", "held": "yellow", "rejected": "red", "not_delivered": "magenta"}

Inbox = Annotated[
    Path | None, typer.Option("--inbox", help="Folder of <month>/<authority>/<files>")
]


def load(
    month: Annotated[str | None, typer.Argument(help="Month to load, YYYY-MM")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First of several months")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last of several months")] = None,
    inbox: Inbox = None,
    again: Annotated[
        bool, typer.Option("--again", help="Validate and build even if nothing has changed")
    ] = False,
) -> None:
    """Loads a month, or several in order: ingests the deliveries and publishes the baseline.

    Exit code 0: all accepted. 3: published, but an authority is rejected, held, missing or
    carried forward; the table names it. 1: nothing published. 2: the command was not understood.
    """
    from tf_pipeline.defs.instance import prepare_home
    from tf_pipeline.seeds.rulebook import check_rules

    folder = (inbox or paths.inbox_dir()).resolve()
    months = _months(month, first, last, folder)
    check_rules()
    prepare_home()
    worst = ALL_ACCEPTED
    for number, one in enumerate(months):
        code = _load_one(one, folder, again, months[number + 1 :])
        if worst != NOTHING_PUBLISHED:
            worst = code if code != ALL_ACCEPTED else worst
    raise typer.Exit(worst)


def confirm(
    month: Annotated[str, typer.Argument(help="Month of the held delivery, YYYY-MM")],
    authority: Annotated[str, typer.Argument(help="Authority whose delivery is held")],
    reason: Annotated[str, typer.Option(help="Why the files are right; no personal values")],
    by: Annotated[str, typer.Option(help="Role of the person who confirms, as role:NAME")],
) -> None:
    """Records that a held delivery is right; the month's next load accepts it.

    The confirmation holds only for the files that were held. Exit code 1, with the reason: no
    delivery is held, or nobody may waive the rule that holds it.
    """
    from tf_pipeline.deliveries.confirm_delivery import confirm_delivery

    if not is_month(month):
        raise typer.BadParameter(f"'{month}' is not a month; expected YYYY-MM, such as 2016-04")
    rules = confirm_delivery(month, authority, reason, by)
    out.print(
        f"Recorded: the held files of {authority} for {month} are right, although they fail "
        f"{', '.join(rules)}. To accept them: tf-pipeline load {month}",
        soft_wrap=True,
    )


def rules() -> None:
    """Checks reference data, crosswalks, declarations and overrides.

    Exit code 0: all rows are valid. 1: the message names file, line and rule of each fault, and
    no month loads until it is corrected.
    """
    from tf_pipeline.seeds.rulebook import check_rules, examine

    check_rules()
    out.print(f"{examine().rows:,} rows in {examine().files} files are valid")


def status() -> None:
    """Shows who delivered which month, which delivery is current, and which gates fail."""
    from tf_pipeline.commands.gates_report import show_gate_lines
    from tf_pipeline.releases.queries import gate_lines, grid

    months, cells = grid()
    if not months:
        out.print("Nothing has been published yet. Load a month: tf-pipeline load MONTH")
        return
    table = Table(title="Deliveries by month, and the month of the current delivery")
    table.add_column("authority")
    for month in months:
        table.add_column(month)
    table.add_column("current")
    for authority, by_month in cells.items():
        marks = [_mark(by_month.get(month), month) for month in months]
        as_of = (by_month.get(months[-1]) or ("", None))[1]
        age = len(months_between(as_of, months[-1])) - 1 if as_of else None
        current = "[red]none[/]" if as_of is None else as_of if not age else _old(as_of, age)
        table.add_row(authority, *marks, current)
    out.print(table)
    show_gate_lines(out, gate_lines())


def add_to(app: typer.Typer) -> None:
    """Makes the commands known to `tf-pipeline`."""
    app.command()(load)
    app.command()(confirm)
    app.command()(rules)
    app.command()(status)


def _months(month: str | None, first: str | None, last: str | None, folder: Path) -> list[str]:
    wrong = [m for m in (month, first, last) if m and not is_month(m)]
    if wrong:
        raise typer.BadParameter(f"'{wrong[0]}' is not a month; expected YYYY-MM, such as 2016-04")
    if month and (first or last):
        raise typer.BadParameter("give either MONTH or --from and --to, not both")
    newest = f"{date.today():%Y-%m}"
    wrong = [m for m in (month, first, last) if m and not FIRST_MONTH <= m <= newest]
    if wrong:
        raise typer.BadParameter(f"{wrong[0]} is not between {FIRST_MONTH} and {newest}")
    if not folder.is_dir():
        raise typer.BadParameter(
            f"the folder {folder} does not exist; expected <inbox>/<month>/<authority>"
        )
    if first and last and first > last:
        raise typer.BadParameter(f"--from {first} is after --to {last}")
    held = sorted(p.name for p in folder.glob("*") if p.is_dir() and is_month(p.name))
    if month:
        return [month]
    if not held and not (first and last):
        raise typer.BadParameter(f"{folder} has no month; expected folders such as 2016-04")
    if first or last:
        return months_between(first or held[0], last or held[-1])
    return held


def _load_one(month: str, folder: Path, again: bool, to_come: list[str]) -> int:
    from tf_pipeline.upkeep.recovery import finish_interrupted
    from tf_pipeline.warehouse.lock import write_lock

    # check what is published under the lock, because another load may be changing it
    with write_lock(f"load {month}", waiting=lambda who: log.print(f"Waiting for {who}")):
        finish_interrupted()
        return _load_alone(month, folder, again, to_come)


def _load_alone(month: str, folder: Path, again: bool, to_come: list[str]) -> int:
    from tf_pipeline import progress
    from tf_pipeline.commands.gates_report import show_gate_lines
    from tf_pipeline.releases.month_state import month_state
    from tf_pipeline.releases.queries import gate_lines, month_lines

    started = time.perf_counter()
    state = month_state(month, folder, to_come)
    if state.is_published and not again:
        from tf_pipeline.defs.after_kill import finish_what_a_kill_left

        finish_what_a_kill_left(month)
        log.print(f"{month}: already published, and nothing has changed since")
        return _summary(month, month_lines(month), started)
    log.print(f"{month}: loading from {folder / month}")
    from tf_pipeline.definitions import defs
    from tf_pipeline.defs.run_month import load_month

    with progress.listening(
        lambda line: log.print(f"[{time.perf_counter() - started:6.1f}s] {line}")
    ):
        result = load_month(defs(), month, folder, state.fingerprint, state.later, again)
    if not result.published:
        log.print(f"[red]{month}: nothing was published.[/] {result.stopped}")
        show_gate_lines(log, gate_lines(month))
        return NOTHING_PUBLISHED
    code = _summary(month, month_lines(month), started)
    show_gate_lines(out, gate_lines(month))
    if result.stopped:
        log.print(f"[red]{result.stopped}[/]")
        return SOME_NOT_ACCEPTED
    return code


def _summary(month: str, lines: list, started: float) -> int:
    table = Table(
        title=f"{month}: deliveries and the current baseline",
        box=None,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for column, width in (("authority", 9), ("outcome", 13), ("as of", 7)):
        table.add_column(column, min_width=width, no_wrap=True)
    numbers = {"delivered": 9, "accepted": 8, "set aside": 5, "open families": 8, "to fix": 6}
    for column, width in numbers.items():
        table.add_column(column, min_width=width, justify="right")
    for line in lines:
        table.add_row(
            line.authority,
            f"[{STYLE[line.outcome]}]{line.outcome}[/]",
            line.as_of_month or "none",
            *(f"{n:,}" for n in (line.delivered, line.accepted, line.set_aside)),
            f"{line.families_open:,}",
            f"{line.work_items:,}",
        )
    out.print(table)
    others = [line for line in lines if line.outcome != "accepted"]
    for line in others:
        current = f"the delivery of {line.as_of_month} stays current"
        if line.as_of_month is None:
            current = "it has no accepted delivery yet"
        elif line.as_of_month == month:
            current = "the earlier delivery of this month stays current"
        outcome = line.outcome.replace("_", " ")
        out.print(f"{line.authority}: {outcome}; {current}. {line.reason or ''}", markup=False)
    seconds = time.perf_counter() - started
    out.print(f"Published: {paths.current_release_path()} ({seconds:.1f} s)", soft_wrap=True)
    return SOME_NOT_ACCEPTED if others else ALL_ACCEPTED


def _mark(cell: tuple[str, str | None] | None, month: str) -> str:
    if cell is None:
        return "-"
    outcome, as_of = cell
    if outcome == "accepted":
        return "[green]accepted[/]"
    carried = f" (as of {as_of})" if as_of and as_of != month else ""
    return f"[{STYLE[outcome]}]{outcome}{carried}[/]"


def _old(as_of: str, months: int) -> str:
    return f"[yellow]{as_of}, {months} month{'s' if months > 1 else ''} old[/]"
