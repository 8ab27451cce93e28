"""The commands that manage releases: releases, rollback, backup, restore. Thin."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

out = Console()


def releases(
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove releases that are no longer kept")
    ] = False,
) -> None:
    """Lists the releases, newest first: what each holds and why it was made.

    A publication keeps all releases of the last 90 days (TF_KEEP_RELEASE_DAYS), the last of each
    month, the current one and the one before it. It removes the others, as --prune does.
    """
    from tf_pipeline.commands import releases_report as report
    from tf_pipeline.releases.catalogue import prune as remove
    from tf_pipeline.releases.catalogue import releases as held

    if prune:
        report.show_removed(out, remove())
    report.show_releases(out, held())


def rollback(
    release: Annotated[str, typer.Argument(help="Id of a release, or its beginning")],
) -> None:
    """Goes back to an older release, which analysts see at once; later loads add to it.

    Exit code 0: done. 1: the release does not exist or cannot be read; nothing was changed.
    """
    from tf_pipeline.commands.releases_report import show_rollback
    from tf_pipeline.releases.catalogue import rollback as go_back

    show_rollback(out, *go_back(release))


def backup(
    folder: Annotated[Path, typer.Argument(help="Folder in which to make the dated backup")],
) -> None:
    """Backs up warehouse, key, landing, registers, current release and the last of each month."""
    from tf_pipeline.commands.releases_report import show_backup
    from tf_pipeline.upkeep.backup import backup as make

    show_backup(out, make(folder))


def restore(
    folder: Annotated[Path, typer.Argument(help="A dated backup")],
) -> None:
    """Checks every file of a backup, then copies it into an empty data folder."""
    from tf_pipeline.commands.releases_report import show_restored
    from tf_pipeline.upkeep.backup import restore as put_back

    show_restored(out, put_back(folder))


def add_to(app: typer.Typer) -> None:
    """Makes the commands known to `tf-pipeline`."""
    app.command()(releases)
    app.command()(rollback)
    app.command()(backup)
    app.command()(restore)
