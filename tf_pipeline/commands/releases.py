"""The commands that manage releases: releases, rollback, backup, restore. Thin."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

out = Console()


def releases(
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove what the rule no longer keeps")
    ] = False,
) -> None:
    """Lists the releases that are kept, what each holds and why it was made, the newest first.

    Kept are all of the last 90 days (TF_KEEP_RELEASE_DAYS), the last of each month, the current
    one and the one before it. Each publication removes the others, and so does --prune.
    """
    from tf_pipeline.commands import releases_report as report
    from tf_pipeline.releases.catalogue import prune as remove
    from tf_pipeline.releases.catalogue import releases as held

    if prune:
        report.show_removed(out, remove())
    report.show_releases(out, held())


def rollback(
    release: Annotated[str, typer.Argument(help="A release, or how only its id begins")],
) -> None:
    """Shows analysts an older release again, at once; loads afterwards add to that one.

    Exit code 0: done. 1: there is no such release, or it cannot be read; nothing was changed.
    """
    from tf_pipeline.commands.releases_report import show_rollback
    from tf_pipeline.releases.catalogue import rollback as go_back

    show_rollback(out, *go_back(release))


def backup(
    folder: Annotated[Path, typer.Argument(help="Where the dated backup is made")],
) -> None:
    """Backs up warehouse, key, current release, the last of each month, and the register."""
    from tf_pipeline.commands.releases_report import show_backup
    from tf_pipeline.upkeep.backup import backup as make

    show_backup(out, make(folder))


def restore(
    folder: Annotated[Path, typer.Argument(help="A dated backup")],
) -> None:
    """Puts a backup in place where nothing has been loaded yet; checks every file first."""
    from tf_pipeline.commands.releases_report import show_restored
    from tf_pipeline.upkeep.backup import restore as put_back

    show_restored(out, put_back(folder))


def add_to(app: typer.Typer) -> None:
    """Makes the commands known to `tf-pipeline`."""
    app.command()(releases)
    app.command()(rollback)
    app.command()(backup)
    app.command()(restore)
