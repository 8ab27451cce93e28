"""The commands that look into a baseline: explain, what-if. Thin."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tf_pipeline.calendar import is_month

out = Console()
log = Console(stderr=True, highlight=False)


def explain(
    table: Annotated[str | None, typer.Argument(help="Published table, such as families")] = None,
    column: Annotated[str | None, typer.Argument(help="Column of that table")] = None,
    month: Annotated[str | None, typer.Option(help="Month; by default the latest")] = None,
    authority: Annotated[
        str | None, typer.Option(help="Authority, or gm for Greater Manchester")
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option("--where", help="COLUMN=VALUE of the row; may be repeated")
    ] = None,
    family: Annotated[
        str | None, typer.Option(help="A family's pseudonym, instead of a figure")
    ] = None,
    draw: Annotated[int, typer.Option(help="Number of random figures to explain instead")] = 0,
    seed: Annotated[int, typer.Option(help="Random seed for --draw")] = 1,
    rows: Annotated[int, typer.Option(min=1, help="Most rows and pseudonyms to show")] = 10,
    restricted: Annotated[
        bool,
        typer.Option("--restricted", help="Show local ids and delivered cells too; never share"),
    ] = False,
) -> None:
    """Explains a published figure: its families or people, delivered rows, rules and gates.

    Name the figure with TABLE COLUMN --month 2016-06 --authority … --where need_code=5, or a
    family with --family KEY, or use --draw 10 --seed 7. Exit code 1: the figure does not exist;
    the message lists what does.
    """
    from tf_pipeline.explain.explain_asked import Asked, explain_asked

    if not family and not draw and not (table and column):
        raise typer.BadParameter("name the figure: TABLE COLUMN, or --family KEY, or --draw NUMBER")
    wrong = [condition for condition in where or [] if "=" not in condition]
    if wrong:
        raise typer.BadParameter(f"'{wrong[0]}' is not COLUMN=VALUE, such as need_code=5")
    of_row = dict(condition.split("=", 1) for condition in where or [])
    asked = Asked(table, column, month, authority, of_row, family, draw, seed, rows, restricted)
    explain_asked(out, asked)


def what_if(
    crosswalk: Annotated[
        list[Path] | None, typer.Option(help="CSV of changed or new rows of a crosswalk")
    ] = None,
    declaration: Annotated[
        list[Path] | None, typer.Option(help="CSV of changed or new rows of a declaration")
    ] = None,
    month: Annotated[str | None, typer.Option(help="Month, YYYY-MM; by default the newest")] = None,
) -> None:
    """Shows what changed rows of seeds would change in a month; publishes nothing.

    A file has the columns of a seed in dbt_project/seeds/crosswalks or declarations. It needs only
    the rows that change; an edited copy of the whole seed works too. Both options may be repeated.
    Exit code 0: shown. 1: refused, with the reason. 2: the command was not understood.
    """
    if not crosswalk and not declaration:
        raise typer.BadParameter("give at least one --crosswalk FILE or --declaration FILE")
    if month and not is_month(month):
        raise typer.BadParameter(f"'{month}' is not a month; expected YYYY-MM, such as 2016-04")
    from tf_pipeline import progress
    from tf_pipeline.commands.what_if_report import show_what_if
    from tf_pipeline.preview.what_if import what_if as build

    started = time.perf_counter()
    with progress.listening(
        lambda line: log.print(f"[{time.perf_counter() - started:6.1f}s] {line}")
    ):
        found = build({"crosswalks": crosswalk or [], "declarations": declaration or []}, month)
    show_what_if(found)


def add_to(app: typer.Typer) -> None:
    """Makes the commands known to `tf-pipeline`."""
    app.command()(explain)
    app.command("what-if")(what_if)
