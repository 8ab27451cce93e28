"""`tf-pipeline`: the terminal's face. Thin: it asks, shows and sets the exit code."""

import os
import sys
import time
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tf_pipeline import (
    alert_commands,
    delivery_commands,
    gates_commands,
    keeping_commands,
    pack_commands,
    paths,
)
from tf_pipeline.disk import DiskFull, is_full
from tf_pipeline.naming import is_month, months_between
from tf_pipeline.problems import OwnProblem

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
pack_commands.add_to(app)
delivery_commands.add_to(app)
alert_commands.add_to(app)
keeping_commands.add_to(app)
gates_commands.add_to(app)
out = Console()
log = Console(stderr=True, highlight=False)

# the programme's first phase began in April 2012
FIRST_MONTH = "2012-04"
ALL_ACCEPTED, NOTHING_PUBLISHED, SOME_NOT_ACCEPTED = 0, 1, 3
STYLE = {"accepted": "green", "held": "yellow", "rejected": "red", "not_delivered": "magenta"}

Inbox = Annotated[
    Path | None, typer.Option("--inbox", help="Folder of <month>/<authority>/<files>")
]


@app.command()
def load(
    month: Annotated[str | None, typer.Argument(help="Month to load, YYYY-MM")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First of several months")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last of several months")] = None,
    inbox: Inbox = None,
    again: Annotated[bool, typer.Option("--again", help="Even where nothing has changed")] = False,
) -> None:
    """Loads a month, or several in order: deliveries in, gated baseline out.

    Exit code 0: all accepted. 3: published, with an authority rejected, held, missing or carried
    forward, which is named. 1: nothing published. 2: the command was not understood.
    """
    from tf_pipeline.authorities.rulebook import check_rules

    folder = (inbox or paths.inbox_dir()).resolve()
    months = _months(month, first, last, folder)
    check_rules()
    _prepare(months)
    worst = ALL_ACCEPTED
    for number, one in enumerate(months):
        code = _load_one(one, folder, again, months[number + 1 :])
        if worst != NOTHING_PUBLISHED:
            worst = code if code != ALL_ACCEPTED else worst
    raise typer.Exit(worst)


@app.command()
def rules() -> None:
    """Looks whether reference data, crosswalks and declarations hold; names file, line and rule.

    Exit code 0: they hold. 1: they do not; a load would refuse them.
    """
    from tf_pipeline.authorities.rulebook import check_rules, examine

    check_rules()
    out.print(f"{examine().rows:,} rows in {examine().files} files hold")


@app.command()
def status() -> None:
    """Who delivered which month, what stands, how old it is, and which gates are not green."""
    from tf_pipeline.gates_report import show_gate_lines
    from tf_pipeline.report import gate_lines, grid

    months, cells = grid()
    if not months:
        out.print("Nothing has been published yet. Load a month: tf-pipeline load MONTH")
        return
    table = Table(title="Deliveries, and what stands")
    table.add_column("authority")
    for month in months:
        table.add_column(month)
    table.add_column("stands")
    for authority, by_month in cells.items():
        marks = [_mark(by_month.get(month), month) for month in months]
        as_of = (by_month.get(months[-1]) or ("", None))[1]
        age = len(months_between(as_of, months[-1])) - 1 if as_of else None
        stands = "[red]nothing[/]" if as_of is None else as_of if not age else _old(as_of, age)
        table.add_row(authority, *marks, stands)
    out.print(table)
    show_gate_lines(out, gate_lines())


@app.command()
def confirm(
    month: Annotated[str, typer.Argument(help="Month of the held delivery, YYYY-MM")],
    authority: Annotated[str, typer.Argument(help="Authority whose delivery is held")],
    reason: Annotated[str, typer.Option(help="Why it is right as it is; no personal values")],
    by: Annotated[str, typer.Option(help="Whose word it is, as role:NAME")],
) -> None:
    """Puts on record that a held delivery is right; the month's next load takes it in.

    It holds for exactly the files that were held. Exit code 1, with the reason, where nothing is
    held or where what holds it is for nobody to waive.
    """
    from tf_pipeline.defs.confirm import confirm_delivery

    if not is_month(month):
        raise typer.BadParameter(f"'{month}' is not a month; expected YYYY-MM, such as 2016-04")
    rules = confirm_delivery(month, authority, reason, by)
    out.print(
        f"On record: {authority} {month} is right although {', '.join(rules)}, for exactly the "
        f"files that were held. Take it in with: tf-pipeline load {month}",
        soft_wrap=True,
    )


@app.command("what-if")
def what_if(
    crosswalk: Annotated[
        list[Path] | None, typer.Option(help="CSV of changed or new rows of a crosswalk")
    ] = None,
    declaration: Annotated[
        list[Path] | None, typer.Option(help="CSV of changed or new rows of a declaration")
    ] = None,
    month: Annotated[str | None, typer.Option(help="Month, YYYY-MM; else the newest")] = None,
) -> None:
    """Shows what changed rows would change in a month, before they land; publishes nothing.

    A file has the columns of a seed in dbt_project/seeds/crosswalks or declarations, and only the
    rows that change; an edited copy of the whole seed works too. Both options may be repeated.
    Exit code 0: shown. 1: refused, with the reason. 2: the command was not understood.
    """
    if not crosswalk and not declaration:
        raise typer.BadParameter("give at least one --crosswalk FILE or --declaration FILE")
    if month and not is_month(month):
        raise typer.BadParameter(f"'{month}' is not a month; expected YYYY-MM, such as 2016-04")
    from tf_pipeline.defs import progress
    from tf_pipeline.defs.what_if import what_if as build
    from tf_pipeline.what_if_report import show_what_if

    started = time.perf_counter()
    progress.listen(lambda line: log.print(f"[{time.perf_counter() - started:6.1f}s] {line}"))
    found = build({"crosswalks": crosswalk or [], "declarations": declaration or []}, month)
    progress.listen(None)
    show_what_if(found)


@app.command()
def explain(
    table: Annotated[str | None, typer.Argument(help="Published table, such as families")] = None,
    column: Annotated[str | None, typer.Argument(help="Column of that table")] = None,
    month: Annotated[str | None, typer.Option(help="Month; the latest unless told")] = None,
    authority: Annotated[str | None, typer.Option(help="Authority, or gm for the whole")] = None,
    where: Annotated[
        list[str] | None, typer.Option("--where", help="COLUMN=VALUE of the row; may be repeated")
    ] = None,
    family: Annotated[str | None, typer.Option(help="A family's key, instead of a figure")] = None,
    draw: Annotated[int, typer.Option(help="Cells to draw by chance, instead of a figure")] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the draw")] = 1,
    rows: Annotated[int, typer.Option(min=1, help="Rows and pseudonyms to name")] = 10,
    restricted: Annotated[
        bool,
        typer.Option("--restricted", help="Also local ids and delivered cells; not to pass on"),
    ] = False,
) -> None:
    """Explains one published figure: who is in it, the delivered rows, what shaped it, its gates.

    Say which: TABLE COLUMN --month 2016-06 --authority … --where need_code=5, or --family KEY, or
    --draw 10 --seed 7. Exit code 1, with what there is, where there is no such figure.
    """
    from tf_pipeline.explain.command import Asked, explain_asked

    if not family and not draw and not (table and column):
        raise typer.BadParameter(
            "say which figure: TABLE COLUMN, or --family KEY, or --draw NUMBER"
        )
    wrong = [one for one in where or [] if "=" not in one]
    if wrong:
        raise typer.BadParameter(f"'{wrong[0]}' is not COLUMN=VALUE, such as need_code=5")
    of_row = dict(one.split("=", 1) for one in where or [])
    asked = Asked(table, column, month, authority, of_row, family, draw, seed, rows, restricted)
    explain_asked(out, asked)


@app.command()
def releases(
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove what the rule no longer keeps")
    ] = False,
) -> None:
    """Lists the releases that are kept, what each holds and why it was made, the newest first.

    Kept are all of the last 90 days (TF_KEEP_RELEASE_DAYS), the last of each month, the current
    one and the one before it. Each publication removes the others, and so does --prune.
    """
    from tf_pipeline import releases_report as report
    from tf_pipeline.warehouse.releases import prune as remove
    from tf_pipeline.warehouse.releases import releases as held

    if prune:
        report.show_removed(out, remove())
    report.show_releases(out, held())


@app.command()
def rollback(
    release: Annotated[str, typer.Argument(help="A release, or how only its id begins")],
) -> None:
    """Shows analysts an older release again, at once; loads afterwards add to that one.

    Exit code 0: done. 1: there is no such release, or it cannot be read; nothing was changed.
    """
    from tf_pipeline.releases_report import show_rollback
    from tf_pipeline.warehouse.releases import rollback as go_back

    show_rollback(out, *go_back(release))


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="Where the dated backup is made")],
) -> None:
    """Backs up warehouse, key, current release, the last of each month, and the register."""
    from tf_pipeline.releases_report import show_backup
    from tf_pipeline.warehouse.backup import backup as make

    show_backup(out, make(folder))


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(help="A dated backup")],
) -> None:
    """Puts a backup in place where nothing has been loaded yet; checks every file first."""
    from tf_pipeline.releases_report import show_restored
    from tf_pipeline.warehouse.backup import restore as put_back

    show_restored(out, put_back(folder))


@app.command()
def ui(
    port: Annotated[int, typer.Option(help="Port")] = 3000,
    host: Annotated[
        str, typer.Option(help="Address; loopback unless told otherwise")
    ] = "127.0.0.1",
    read_only: Annotated[
        bool, typer.Option("--read-only", help="For leads: look, no runs")
    ] = False,
) -> None:
    """Opens the Dagster UI on the same instance that loads write to."""
    arguments = ["--host", host, "--port", str(port)] + (["--read-only"] if read_only else [])
    _dagster("dagster_webserver", *arguments)


@app.command()
def daemon() -> None:
    """Runs the daemon that the monthly schedule and the inbox sensor need."""
    _dagster("dagster._daemon", "run")


@app.command()
def docs() -> None:
    """Writes dbt's own pages: every model, column and test, with the lineage between them."""
    from tf_pipeline.defs.dbt_runner import write_docs

    out.print(f"Written: {write_docs()}", soft_wrap=True)


@app.command()
def stamp(
    authority: Annotated[str, typer.Argument(help="Authority whose YAML and rows are written")],
) -> None:
    """Writes an authority's delivery suite from its shape and crosswalks."""
    from tf_pipeline.defs.stamping import stamp_authority

    out.print(f"Written: {stamp_authority(authority)}")


def main() -> None:
    """Entry point; bad input ends in one sentence, never in a stack trace."""
    try:
        app()
    except OwnProblem as problem:
        log.print(str(problem), style="red", markup=False, soft_wrap=True)
        sys.exit(NOTHING_PUBLISHED)
    except Exception as error:
        if os.environ.get("TF_DEBUG"):
            raise
        if is_full(error):
            said = str(DiskFull("the command was at work"))
            log.print(said, style="red", markup=False, soft_wrap=True)
            sys.exit(NOTHING_PUBLISHED)
        # its text may quote a value of the data
        name = type(error).__name__
        log.print(f"Stopped by {name}; TF_DEBUG=1 shows where. Nothing half-done was published.")
        sys.exit(NOTHING_PUBLISHED)


def _months(month: str | None, first: str | None, last: str | None, folder: Path) -> list[str]:
    wrong = [m for m in (month, first, last) if m and not is_month(m)]
    if wrong:
        raise typer.BadParameter(f"'{wrong[0]}' is not a month; expected YYYY-MM, such as 2016-04")
    if month and (first or last):
        raise typer.BadParameter("give either MONTH, or --from and --to")
    newest = f"{date.today():%Y-%m}"
    wrong = [m for m in (month, first, last) if m and not FIRST_MONTH <= m <= newest]
    if wrong:
        raise typer.BadParameter(f"{wrong[0]} does not lie between {FIRST_MONTH} and {newest}")
    if not folder.is_dir():
        raise typer.BadParameter(
            f"there is no folder {folder}; expected <inbox>/<month>/<authority>"
        )
    if first and last and first > last:
        raise typer.BadParameter(f"--from {first} lies after --to {last}")
    held = sorted(p.name for p in folder.glob("*") if p.is_dir() and is_month(p.name))
    if month:
        return [month]
    if not held and not (first and last):
        raise typer.BadParameter(f"no month in {folder}; expected folders such as 2016-04")
    if first or last:
        return months_between(first or held[0], last or held[-1])
    return held


def _prepare(months: list[str]) -> None:
    """Dagster's home, and the months: the definitions are made once, for all of them."""
    from tf_pipeline.defs.instance import prepare_home
    from tf_pipeline.defs.remembered import LOADING

    prepare_home()
    os.environ[LOADING] = " ".join(months)


def _load_one(month: str, folder: Path, again: bool, to_come: list[str]) -> int:
    from tf_pipeline.warehouse.lock import write_lock

    # what has been published is looked at under the lock: another load may be changing it
    with write_lock(f"load {month}", waiting=lambda who: log.print(f"Waiting for {who}")):
        return _load_alone(month, folder, again, to_come)


def _load_alone(month: str, folder: Path, again: bool, to_come: list[str]) -> int:
    from tf_pipeline.defs.packs import packs_after_publication
    from tf_pipeline.defs.remembered import remember_months
    from tf_pipeline.gates_report import show_gate_lines
    from tf_pipeline.pages.pack_release import packs_are_whole
    from tf_pipeline.report import gate_lines, latest_releases, month_lines, months_behind
    from tf_pipeline.warehouse.fingerprint import fingerprint

    started = time.perf_counter()
    known = latest_releases()
    before = known[max(earlier)] if (earlier := [m for m in known if m < month]) else ""
    current = fingerprint(folder / month, before)
    behind = set(months_behind(month)) - {*to_come}
    if known.get(month) == current and not again and not behind:
        # what a load that was killed after its publication did not come to
        remember_months([month])
        if not packs_are_whole(month):
            packs_after_publication(month)
        log.print(f"{month}: nothing has changed since it was published; nothing to do")
        return _summary(month, month_lines(month), started)
    log.print(f"{month}: loading from {folder / month}")
    from tf_pipeline.definitions import defs
    from tf_pipeline.defs import progress
    from tf_pipeline.defs.load import load_month

    progress.listen(lambda line: log.print(f"[{time.perf_counter() - started:6.1f}s] {line}"))
    later = sorted(m for m in known if m > month and m not in to_come)
    result = load_month(defs, month, folder, current, later)
    progress.listen(None)
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
        title=f"{month}: what came and what stands", box=None, pad_edge=False, padding=(0, 1, 0, 0)
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
            line.as_of_month or "nothing",
            *(f"{n:,}" for n in (line.delivered, line.accepted, line.set_aside)),
            f"{line.families_open:,}",
            f"{line.work_items:,}",
        )
    out.print(table)
    others = [line for line in lines if line.outcome != "accepted"]
    for line in others:
        stands = f"{line.as_of_month} stands" if line.as_of_month else "nothing stands yet"
        out.print(f"{line.authority}: {line.outcome}; {stands}. {line.reason or ''}", markup=False)
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


def _dagster(module: str, *arguments: str) -> None:
    from tf_pipeline.defs.instance import prepare_home

    prepare_home()
    workspace = str(paths.repo_dir() / "workspace.yaml")
    os.chdir(paths.repo_dir())
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments, "-w", workspace])
