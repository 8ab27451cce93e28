"""Shows releases, rollbacks and backups at the terminal."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tf_pipeline import paths
from tf_pipeline.calendar import months_between
from tf_pipeline.releases.catalogue import Held, keep_days, published_at
from tf_pipeline.warehouse.opening import VARIABLE, is_encrypted

WIDTH = 100


def show_releases(out: Console, held: Sequence[Held]) -> None:
    """One line per release, newest first, with the current one marked."""
    if not held:
        out.print("Nothing has been published yet. Load a month: tf-pipeline load MONTH")
        return
    # wide even in a narrow terminal, so that users can copy a release's id
    wide = Console(file=out.file, width=WIDTH, highlight=False)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("release (* is current)", no_wrap=True)
    table.add_column("published (UTC)", width=10)
    table.add_column("month", no_wrap=True)
    table.add_column("holds", width=10)
    table.add_column("accepted", width=13)
    table.add_column("why", width=18)
    table.add_column("MB", justify="right", no_wrap=True)
    for one in held:
        others = f", not {one.not_accepted}" if one.not_accepted else ""
        table.add_row(
            ("*" if one.is_current else " ") + one.release_id,
            f"{one.published_at:%Y-%m-%d %H:%M}",
            one.month,
            in_short(one.months_held),
            "" if one.accepted is None else f"{one.accepted}{others}",
            one.why.replace(", ", "\n") or "not recorded",
            f"{one.size / 1e6:.1f}",
        )
    wide.print(table)
    wide.print(
        f"All releases of the last {keep_days()} days are kept, and the last of each month, the "
        "current one and the one before it."
    )


def in_short(months: Sequence[str]) -> str:
    """Months as a span, with their number if some in between are missing."""
    if len(months) < 2:
        return " ".join(months)
    gaps = len(months_between(months[0], months[-1])) - len(months)
    return f"{months[0]} to {months[-1]}" + (f" without {gaps}" if gaps else "")


def show_removed(out: Console, removed: Sequence[str]) -> None:
    """The releases that the rule removed."""
    out.print(f"Removed {len(removed)}: {', '.join(removed)}" if removed else "Nothing to remove.")


def show_rollback(out: Console, now: Held, before: str | None) -> None:
    """Which release analysts see from now on, and what the next load does."""
    if before is None:
        out.print(f"{now.release_id} is already current; nothing was changed.", soft_wrap=True)
        return
    when = f"{published_at(now.release_id):%Y-%m-%d at %H:%M} UTC"
    out.print(
        f"Analysts now see {now.release_id}, published on {when}, with "
        f"{in_short(now.months_held)}. {before} is kept, and anyone who has it open can read on.\n"
        "Accepted deliveries stay accepted. The next load adds its month to this release. A month "
        "that was rolled back returns when that month is loaded again: correct the cause first.",
        soft_wrap=True,
        highlight=False,
    )


def show_backup(out: Console, made: Path) -> None:
    """Where the backup is, and how to handle it."""
    is_locked = is_encrypted(made / paths.warehouse_path().relative_to(paths.data_dir()))
    size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
    out.print(
        f"Backed up: {made} ({size / 1e6:.1f} MB, readable by its owner only). It holds names and "
        "the pseudonym key: protect it like the data themselves."
        + (f" It does not hold the key of its warehouse ({VARIABLE})." if is_locked else ""),
        soft_wrap=True,
        highlight=False,
    )


def show_restored(out: Console, current: str | None) -> None:
    """The state after a restore."""
    out.print(
        f"Restored to {paths.data_dir()}; analysts see {current or 'no release yet'}. "
        "Every file equals its backup.",
        soft_wrap=True,
        highlight=False,
    )
