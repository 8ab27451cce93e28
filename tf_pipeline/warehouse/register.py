"""The register of releases: an append-only file beside them of what was published and rolled back.

Outside the releases, which are immutable: a rollback must not be forgotten by what it goes back to.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from tf_pipeline import paths


def register_path() -> Path:
    """One JSON object a line: at, event (published, rolled_back, removed), release, from."""
    return paths.published_dir() / "register.jsonl"


def record(event: str, release: str, before: str | None = None) -> None:
    """Adds a line; `before` is the release that was current."""
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "event": event,
        "release": release,
        "from": before,
    }
    with register_path().open("ab+") as file:
        # a line that was cut short stays by itself
        cut = file.tell() and os.pread(file.fileno(), 1, file.tell() - 1) != b"\n"
        file.write((b"\n" if cut else b"") + json.dumps(line).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def entries() -> list[dict[str, str]]:
    """Every line, oldest first; one cut short by a crash is passed over."""
    found = []
    path = register_path()
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found
