"""The deliveries that are measured: made once for a scale, and kept for every tree and run.

Belongs here: making an inbox, and one authority's corrected delivery.
Does not belong here: loading it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

MONTH = "2016-04"
NEXT_MONTH = "2016-05"
SEED = 7
FAMILIES = 9000
# whose delivery is corrected, and checked at its own desk
AUTHORITY = "la02"
CORRECTED_FILE = "interventions.csv"


def families(scale: int) -> int:
    """How many families a scale stands for, over all authorities."""
    return FAMILIES * scale


def made(scale: int, folder: Path) -> Path:
    """The inbox of a scale below `folder`; made by this tree's sample where it is not there."""
    inbox = folder / f"inbox-scale{scale}"
    if not inbox.exists():
        unfinished = inbox.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        months = [MONTH, NEXT_MONTH] if scale == 1 else [MONTH]
        command = [sys.executable, "-m", "tf_pipeline.sample", "--months", *months]
        command += ["--families", str(families(scale)), "--seed", str(SEED)]
        subprocess.run([*command, "--out", str(unfinished)], check=True)
        unfinished.rename(inbox)
    return inbox


def corrected(inbox: Path) -> Path:
    """The same inbox, where one authority's file lacks its last row; the other files are linked."""
    other = inbox.with_name(f"{inbox.name}-corrected")
    if not other.exists():
        unfinished = other.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(inbox, unfinished, copy_function=_link)
        path = unfinished / MONTH / AUTHORITY / CORRECTED_FILE
        rows = path.read_bytes().splitlines(keepends=True)
        # a new file: the link's content is the other inbox's too
        path.unlink()
        path.write_bytes(b"".join(rows[:-1]))
        unfinished.rename(other)
    return other


def files_of(inbox: Path, authority: str) -> list[Path]:
    """An authority's data files of the month, without its covering note."""
    return sorted(p for p in (inbox / MONTH / authority).iterdir() if p.suffix != ".md")


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
