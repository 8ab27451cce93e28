"""The commands for whoever answers for the data: what is kept how long, and the key. Thin."""

from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

out = Console(highlight=False)


def purge(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be removed")
    ] = False,
) -> None:
    """Removes what is older than its period in retention_periods.csv, never what stands.

    Rows of deliveries, rows set aside, pseudonyms no longer used, refused files, packs, runs. The
    counts stay in ops.purges. Exit code 0: done. 1: refused, with the reason.
    """
    from tf_pipeline.authorities.rulebook import check_rules
    from tf_pipeline.defs.purge import purge as remove
    from tf_pipeline.warehouse.purge_files import inbox_left
    from tf_pipeline.warehouse.retention import periods

    check_rules()
    today = date.today()
    removed = remove(today, delete=not dry_run)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("kept", "month", "authority"):
        table.add_column(column, no_wrap=True)
    table.add_column("would be removed" if dry_run else "removed", justify="right", no_wrap=True)
    for one in removed:
        table.add_row(one.kept, one.month, one.authority, f"{one.count:,} {one.unit}")
    out.print(table if removed else "Nothing is older than its period.")
    if left := inbox_left(periods(today)):
        out.print(
            f"The inbox is never edited: {', '.join(left)} there is older than its period, too, "
            "and for whoever owns the inbox to remove",
            soft_wrap=True,
        )


def add_to(app: typer.Typer) -> None:
    """Makes the commands known to `tf-pipeline`."""
    app.command()(purge)
