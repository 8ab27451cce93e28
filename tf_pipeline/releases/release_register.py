"""The register of releases: an append-only file of publications and rollbacks.

It lies outside the releases, because they are immutable: an older release cannot record that
somebody went back to it.
"""

from datetime import UTC, datetime
from pathlib import Path

from tf_pipeline import paths
from tf_pipeline.warehouse.json_lines import append, lines
from tf_pipeline.warehouse.private import for_the_group


def register_path() -> Path:
    """One JSON object per line: at, event (published, rolled_back, removed), release, from."""
    return paths.published_dir() / "register.jsonl"


def record(event: str, release: str, before: str | None = None) -> None:
    """Adds a line; `before` is the release that was current."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    append(register_path(), {"at": at, "event": event, "release": release, "from": before})
    for_the_group(register_path())


def entries() -> list[dict[str, str]]:
    """Every line, oldest first; skips a line that a crash cut short."""
    return lines(register_path())
