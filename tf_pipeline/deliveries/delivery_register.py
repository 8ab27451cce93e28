"""The register of deliveries: which files came together, with what outcome, and who chose one.

Belongs here: the append-only lines next to the landing, and reading them.
Does not belong here: the files (`archive.py`), which delivery a load uses (`select_delivery.py`).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from tf_pipeline import paths
from tf_pipeline.deliveries.archive import LandedFile, stored_files
from tf_pipeline.warehouse.connect import reader
from tf_pipeline.warehouse.json_lines import append, lines
from tf_pipeline.warehouse.lock import write_lock

CHOSEN = "chosen"
ID_LENGTH = 12


@dataclass(frozen=True)
class Counted:
    """Lines and records of a dataset's file or sheet, counted without its reader."""

    dataset: str
    lines: int
    records: int


@dataclass(frozen=True)
class Entry:
    """One line: a load tried a delivery, or a person chose one for the next load.

    outcome: accepted, held, rejected, chosen. Only a choice has by, reason and the delivery that
    was in the inbox at that time ('' if there was none). `counted` are the datasets of a delivery
    that could be opened.
    """

    at: str
    authority: str
    month: str
    delivery: str
    outcome: str
    files: tuple[LandedFile, ...]
    by: str = ""
    reason: str = ""
    beside: str = ""
    counted: tuple[Counted, ...] = ()


def delivery_id(files: Sequence[LandedFile]) -> str:
    """The id of a delivery: a hash of its files' names and contents; '' for no file."""
    if not files:
        return ""
    content = json.dumps(sorted((file.name, file.sha256) for file in files))
    return sha256(content.encode()).hexdigest()[:ID_LENGTH]


def delivery_register_path() -> Path:
    """One JSON object a line, the oldest first: the fields of an Entry."""
    return paths.landing_dir() / "register.jsonl"


def landed() -> list[Path]:
    """All files of the landing: the register, if there is one, and the stored files."""
    register = [path for path in [delivery_register_path()] if path.exists()]
    return register + stored_files()


def entries(month: str | None = None, authority: str | None = None) -> list[Entry]:
    """Lines of a month, of an authority, or all; the oldest first."""
    return [
        Entry(
            **line
            | {"files": tuple(LandedFile(**file) for file in line["files"])}
            | {"counted": tuple(Counted(**one) for one in line.get("counted", ()))}
        )
        for line in lines(delivery_register_path())
        if month in (None, line["month"]) and authority in (None, line["authority"])
    ]


def record_tried(
    authority: str,
    month: str,
    files: Sequence[LandedFile],
    outcome: str,
    counted: Sequence[Counted] = (),
) -> None:
    """Adds the outcome of a delivery, unless the last line of a load says the same."""
    entry = replace(_entry(authority, month, files, outcome), counted=tuple(counted))
    with write_lock(f"registering a delivery of {authority}"):
        tried = [one for one in entries(month, authority) if one.outcome != CHOSEN]
        if not tried or (tried[-1].delivery, tried[-1].outcome) != (entry.delivery, outcome):
            _add(entry)


def record_choice(
    authority: str, month: str, files: Sequence[LandedFile], *, beside: str, by: str, reason: str
) -> None:
    """Adds that loads use a delivery as long as the inbox does not change."""
    with write_lock(f"choosing a delivery of {authority}"):
        _add(_entry(authority, month, files, CHOSEN, by=by, reason=reason, beside=beside))


def last_choice(authority: str, month: str) -> Entry | None:
    """The last choice on record for a month, whether or not the inbox has changed since."""
    chosen = [one for one in entries(month, authority) if one.outcome == CHOSEN]
    return chosen[-1] if chosen else None


def choices(month: str) -> list[tuple[str, str, str]]:
    """(authority, delivery, delivery in the inbox then) of the last choices for a month."""
    last = {one.authority: one for one in entries(month) if one.outcome == CHOSEN}
    return sorted((one.authority, one.delivery, one.beside) for one in last.values())


def standing() -> dict[tuple[str, str], str]:
    """(authority, month) → the accepted delivery whose rows are in the warehouse.

    Raises WarehouseBusy if a load is writing.
    """
    with reader("reading which deliveries stand", wait_seconds=5) as connection:
        if connection is None:
            return {}
        rows = connection.execute(
            "select authority, month, list(distinct file_sha256) from raw.accepted group by all"
        ).fetchall()
    held = {(authority, month): set(hashes) for authority, month, hashes in rows}
    # two deliveries may differ only in a covering note: the one accepted last counts
    return {
        (one.authority, one.month): one.delivery
        for one in entries()
        if one.outcome == "accepted"
        and (hashes := held.get((one.authority, one.month)))
        and hashes <= {file.sha256 for file in one.files}
    }


def _entry(
    authority: str, month: str, files: Sequence[LandedFile], outcome: str, **choice: Any
) -> Entry:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Entry(at, authority, month, delivery_id(files), outcome, tuple(files), **choice)


def _add(entry: Entry) -> None:
    line = asdict(entry)
    if entry.outcome != CHOSEN:
        for of_a_choice in ("by", "reason", "beside"):
            del line[of_a_choice]
    else:
        del line["counted"]
    path = delivery_register_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    append(path, line)
    path.chmod(0o600)
