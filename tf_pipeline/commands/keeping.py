"""The commands for the person responsible for the data: retention periods and the key. Thin."""

from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

out = Console(highlight=False)
log = Console(stderr=True, highlight=False)


def purge(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be removed")
    ] = False,
) -> None:
    """Removes data older than their period in retention_periods.csv, but no current delivery.

    It removes rows of deliveries, rows set aside, pseudonyms no longer used, refused files, packs
    and runs. ops.purges keeps the counts. Exit code 0: done. 1: refused, with the reason.
    """
    from tf_pipeline.defs.old_runs import old_runs
    from tf_pipeline.seeds.rulebook import check_rules
    from tf_pipeline.upkeep.purge import purge as remove
    from tf_pipeline.upkeep.purge_files import inbox_left
    from tf_pipeline.upkeep.retention import periods

    check_rules()
    today = date.today()
    removed = remove(today, not dry_run, old_runs)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("kept", "month", "authority"):
        table.add_column(column, no_wrap=True)
    table.add_column("would be removed" if dry_run else "removed", justify="right", no_wrap=True)
    for line in removed:
        table.add_row(line.kept, line.month, line.authority, f"{line.count:,} {line.unit}")
    out.print(table if removed else "Nothing is older than its period.")
    if left := inbox_left(periods(today)):
        out.print(
            f"The inbox also holds data older than their period: {', '.join(left)}. Purge never "
            "changes the inbox: ask its owner to remove them.",
            soft_wrap=True,
        )


def rotate_key(
    reason: Annotated[str, typer.Option(help="Why; no personal values")],
    by: Annotated[str, typer.Option(help="Role of the person who decided it, as role:NAME")],
    keep_mapping: Annotated[
        bool,
        typer.Option("--keep-mapping", help="List old and new in restricted.key_rotation"),
    ] = False,
    leave_out_purged: Annotated[
        bool, typer.Option("--leave-out-purged", help="Go on without the rows of purged months")
    ] = False,
) -> None:
    """Makes a new key, renews every pseudonym and publishes every month again; no figure changes.

    Older releases stay. Their pseudonyms match none of the new ones. The old key goes to
    secrets/retired. Exit code 0: done. 1: refused, with the reason; nothing was changed.
    """
    from tf_pipeline import progress
    from tf_pipeline.definitions import defs
    from tf_pipeline.defs.run_month import rebuild_here
    from tf_pipeline.seeds.rulebook import check_rules
    from tf_pipeline.upkeep.rotate_key import rotate_key as rotate

    def build(month: str, fingerprint: str) -> str:
        return rebuild_here(defs(), month, fingerprint)

    check_rules()
    with progress.listening(lambda line: log.print(line, markup=False)):
        done = rotate(reason, by, keep_mapping, leave_out_purged, build)
    out.print(
        f"Release {done.release_id} has {done.pseudonyms:,} new pseudonyms and unchanged figures "
        f"in {len(done.months)} months. Pseudonyms of older releases match none of the new ones: "
        f"tell the analysts. The old key is {done.retired}. Back up the new key now: "
        "tf-pipeline backup FOLDER",
        soft_wrap=True,
    )


def add_to(app: typer.Typer) -> None:
    """Makes the commands known to `tf-pipeline`."""
    app.command()(purge)
    app.command("rotate-key")(rotate_key)
