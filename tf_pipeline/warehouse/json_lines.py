"""Append-only files with one JSON object per line; writing is durable, reading skips torn lines.

Belongs here: adding and reading lines. Does not belong here: what a line means (each register).
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path


def append(path: Path, line: Mapping) -> None:
    """Adds a line; if a crash cut the last line short, it starts a new one."""
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
    """Every line, oldest first; skips a line that a crash cut short."""
    found = []
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def sync_folder(folder: Path) -> None:
    """Writes a folder to disk: only then does a new file name in it survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
