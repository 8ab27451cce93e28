"""The commands for an authority's analyst: its fix pack. Thin, as `cli.py` is."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tf_pipeline.naming import is_month

out = Console(highlight=False)

Out = Annotated[Path | None, typer.Option("--out", help="Folder for the files")]


def pack(
    month: Annotated[str, typer.Argument(help="Published month, YYYY-MM")],
    authority: Annotated[str, typer.Argument(help="Authority")],
    folder: Out = None,
) -> None:
    """Writes an authority's fix pack of a published month: a page and a workbook.

    Without --out into data/packs/<month>/<authority>. Exit code 0: written. 1: no such month or
    authority is published. 2: the command was not understood.
    """
    wanted_month(month)
    from tf_pipeline.pages.pack_release import write_pack_of

    written(write_pack_of(month, authority, folder))


def add_to(app: typer.Typer) -> None:
    """Makes the commands known to `tf-pipeline`."""
    app.command()(pack)


def wanted_month(month: str) -> None:
    """Raises BadParameter where a text is no month."""
    if not is_month(month):
        raise typer.BadParameter(f"'{month}' is not a month; expected YYYY-MM, such as 2016-04")


def written(files: list[Path]) -> None:
    """Says where files were written."""
    for path in files:
        out.print(f"Written: {path}", soft_wrap=True, markup=False)
