"""The commands for an authority's analyst: fix pack, check and specification. Thin."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tf_pipeline.calendar import is_month

if TYPE_CHECKING:
    from tf_pipeline.pages.pack import Pack

out = Console(highlight=False)

Out = Annotated[Path | None, typer.Option("--out", help="Folder for the files")]


def pack(
    month: Annotated[str, typer.Argument(help="Published month, YYYY-MM")],
    authority: Annotated[str, typer.Argument(help="Authority")],
    folder: Out = None,
) -> None:
    """Writes an authority's fix pack of a published month: a page and a workbook.

    Without --out they go to data/packs/<month>/<authority>. Exit code 0: written. 1: the month or
    authority is not published. 2: the command was not understood.
    """
    wanted_month(month)
    from tf_pipeline.pages.pack_release import write_pack_of

    written(write_pack_of(month, authority, folder))


def check(
    files: Annotated[
        list[Path], typer.Argument(help="Files of the delivery", exists=True, dir_okay=False)
    ],
    authority: Annotated[str, typer.Option("--authority", help="Authority that sends the files")],
    month: Annotated[str, typer.Option("--month", help="Month of the delivery, YYYY-MM")],
    folder: Out = None,
) -> None:
    """Validates files with the same gate as a load, without a warehouse; keeps nothing.

    --out writes the fix pack to a folder. Exit code 0: would be accepted. 3: would be held or
    rejected. 1: cannot be validated. 2: the command was not understood.
    """
    wanted_month(month)
    from tf_pipeline.authorities.registry import authorities

    if authority not in authorities():
        known = ", ".join(authorities())
        raise typer.BadParameter(f"there is no authority '{authority}'; there are {known}")
    from tf_pipeline.deliveries.desk_check import check_files
    from tf_pipeline.pages.pack_files import write_pack
    from tf_pipeline.releases.queries import standing_rows_published

    checked = check_files(files, authority, month, standing_rows_published(authority, month))
    _show(checked.pack)
    if folder:
        written(write_pack(checked.pack, folder))
    if not checked.is_validated:
        raise typer.Exit(1)
    raise typer.Exit(0 if checked.pack.outcome == "accepted" else 3)


def template(
    month: Annotated[
        str | None,
        typer.Option("--month", help="Month of the fields; by default this month"),
    ] = None,
    folder: Annotated[Path, typer.Option("--out", help="Folder for the files")] = Path(),
) -> None:
    """Writes the extract specification, and an empty workbook with GM's own headings.

    specification.html and .xlsx list every field, its meaning, its allowed values and who supplies
    it. extract.xlsx has a sheet for each dataset and loads without crosswalk rows. Exit code 0:
    written. 2: the command was not understood.
    """
    wanted = month or f"{date.today():%Y-%m}"
    wanted_month(wanted)
    from tf_pipeline.pages.specification import write_specification

    written(write_specification(wanted, folder))


def _show(found: "Pack") -> None:
    from tf_pipeline.pages.pack import who_acts

    say(f"{found.authority} {found.month}: would be {found.outcome.replace('_', ' ')}")
    if found.reason:
        say(found.reason)
    for one in found.datasets:
        rows = f"{one.delivered:,} rows delivered, {one.set_aside:,} set aside"
        say(f"  {one.dataset}: {rows} ({one.file_name})")
    if found.gate:
        say(f"Gate {found.gate}")
    for task in found.tasks:
        who = who_acts(task.who, found.authority)
        say(f"[{task.severity}] {task.rule}, {who}, {task.count:,}: {task.message}")
        for place in task.places:
            say(f"    {place}")
        if task.more_places:
            say(f"    and {task.more_places:,} more")
    if not found.tasks:
        say("There is nothing to fix.")
    for note in found.notes:
        say(note)


def say(text: str) -> None:
    """Prints one line unchanged: a heading in brackets is not markup."""
    out.print(text, markup=False, soft_wrap=True)


def add_to(app: typer.Typer) -> None:
    """Makes the commands known to `tf-pipeline`."""
    app.command()(pack)
    app.command()(check)
    app.command()(template)


def wanted_month(month: str) -> None:
    """Raises BadParameter if a text is not a month."""
    if not is_month(month):
        raise typer.BadParameter(f"'{month}' is not a month; expected YYYY-MM, such as 2016-04")


def written(files: list[Path]) -> None:
    """Says where files were written."""
    for path in files:
        say(f"Written: {path}")
