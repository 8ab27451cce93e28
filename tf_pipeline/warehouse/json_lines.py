"""Append-only files of one JSON object a line: written through to the disk, read past a torn line.

Belongs here: adding and reading lines. Does not belong here: what a line says (each register).
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path


def append(path: Path, line: Mapping) -> None:
    """Adds a line; where a crash cut the last one short, it begins a new one."""
    is_new = not path.exists()
    with path.open("ab+") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            torn = file.read(1) != b"\n"
        else:
            torn = False
        file.write(b"\n" * torn + json.dumps(line).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_folder(path.parent)


def lines(path: Path) -> list[dict]:
    """Every line, oldest first; one cut short by a crash is passed over."""
    found = []
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def sync_folder(folder: Path) -> None:
    """A new name in a folder survives a power cut only once the folder is written, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
