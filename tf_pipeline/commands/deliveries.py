"""The commands for deliveries: their list with outcomes, and choosing a former one. Thin."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from tf_pipeline import paths
from tf_pipeline.calendar import is_month

if TYPE_CHECKING:
    from tf_pipeline.deliveries.delivery_register import Entry

out = Console(highlight=False)
WIDTH = 100

Month = Annotated[str, typer.Argument(help="Month of the delivery, YYYY-MM")]
Authority = Annotated[str, typer.Argument(help="Authority whose delivery it is")]


def deliveries(
    month: Annotated[str | None, typer.Argument(help="Only this month, YYYY-MM")] = None,
    authority: Annotated[str | None, typer.Argument(help="Only this authority")] = None,
) -> None:
    """Lists every delivery that a load has tried, its outcome, and the current one (*).

    With MONTH and AUTHORITY it lists the files too. Exit code 1: a load is writing; try again.
    """
    _understood(month, authority)
    from tf_pipeline.deliveries.delivery_register import entries, standing

    found = entries(month, authority)
    if not found:
        about = " ".join(["No load has tried a delivery", *filter(None, [authority, month])])
        _say(f"{about}. Load a month: tf-pipeline load MONTH")
        return
    _show(found, standing(), with_files=bool(month and authority))


def redeliver(
    month: Month,
    authority: Authority,
    delivery: Annotated[str, typer.Argument(help="Id of a former delivery, or its beginning")],
    reason: Annotated[str, typer.Option(help="Why it is loaded again; no personal values")],
    by: Annotated[str, typer.Option(help="Role of the person who decided it, as role:NAME")],
    inbox: Annotated[
        Path | None, typer.Option("--inbox", help="Inbox that the next load will use")
    ] = None,
) -> None:
    """Chooses a former delivery, from the landing, for the month's next load; records the choice.

    The choice holds until the authority's files of that month in the inbox change, because newer
    files win. Exit code 1, with the reason: the delivery does not exist, or a stored file differs
    from what was delivered.
    """
    _understood(month, authority)
    from tf_pipeline.deliveries.select_delivery import redeliver as choose

    folder = (inbox or paths.inbox_dir()).resolve()
    former = choose(month, authority, delivery, folder, reason=reason, by=by)
    _say(
        f"Recorded: the next load uses delivery {former.delivery} of {authority} for {month} "
        f"({_files(former)}), unless files in {folder / month / authority} change first. To load "
        f"it: tf-pipeline load {month}" + (f" --inbox {folder}" if inbox else "")
    )


def add_to(app: typer.Typer) -> None:
    """Makes the commands known to `tf-pipeline`."""
    app.command()(deliveries)
    app.command()(redeliver)


def _understood(month: str | None, authority: str | None) -> None:
    """Raises BadParameter if a text is not a month, or not an authority."""
    from tf_pipeline.authorities.registry import authorities

    if month and not is_month(month):
        raise typer.BadParameter(f"'{month}' is not a month; expected YYYY-MM, such as 2016-04")
    if authority and authority not in authorities():
        known = ", ".join(authorities())
        raise typer.BadParameter(f"there is no authority '{authority}'; expected one of {known}")


def _show(
    found: Sequence["Entry"], current: dict[tuple[str, str], str], *, with_files: bool
) -> None:
    # wide even in a narrow terminal, so that users can copy a delivery's id
    wide = Console(file=out.file, width=WIDTH, highlight=False)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in ("month", "authority", "delivery (* is current)", "when (UTC)", "outcome"):
        table.add_column(heading, no_wrap=True)
    table.add_column("files" if with_files else "files, or why")
    for one in sorted(found, key=lambda one: (one.month, one.authority)):
        mark = "*" if current.get((one.authority, one.month)) == one.delivery else " "
        details = f"{one.by}: {one.reason}" if one.by else _files(one)
        when = one.at[:16].replace("T", " ")
        table.add_row(one.month, one.authority, mark + one.delivery, when, one.outcome, details)
    wide.print(table, markup=False)
    for delivery, one in {one.delivery: one for one in found if with_files}.items():
        _say(f"{delivery}:")
        for file in one.files:
            _say(f"    {file.sha256[:12]}  {file.bytes:>10,}  {file.name}")


def _files(one: "Entry") -> str:
    count = len(one.files)
    size = sum(file.bytes for file in one.files) / 1e3
    return f"{count} file{'s' if count != 1 else ''}, {size:,.0f} kB"


def _say(text: str) -> None:
    """Prints one line unchanged: brackets are not markup."""
    out.print(text, markup=False, soft_wrap=True)
