"""A person's word that a held delivery may be taken in: on record, for exactly its files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from tf_pipeline.warehouse.connect import writer

# what a person may waive; a missing heading is no matter of opinion
WAIVABLE = frozenset({"HALF_ROWS", "UNEXPECTED_FILE", "UNEXPECTED_SHEET", "WRONG_MONTH"})


@dataclass(frozen=True)
class Waiver:
    """The rules waived for a delivery, and the role that did; empty where nobody has."""

    rules: frozenset[str] = frozenset()
    role: str = ""


NOTHING_WAIVED = Waiver()


def file_hashes(files: Iterable[Path]) -> list[str]:
    """Content hashes of a delivery's files, in one order."""
    return sorted(_sha256(path) for path in files)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def waiver_on_record(authority: str, month: str, hashes: Sequence[str]) -> Waiver:
    """What has been waived for exactly these files."""
    with writer(f"reading confirmations of {authority} {month}") as connection:
        rows = connection.execute(
            "select rules, role from ops.confirmations where authority = ? and month = ? "
            "and file_sha256s = ? order by confirmed_at",
            [authority, month, list(hashes)],
        ).fetchall()
    rules = frozenset(rule for of_row, _ in rows for rule in of_row)
    return Waiver(rules & WAIVABLE, rows[-1][1] if rows else "")


def record_confirmation(
    authority: str,
    month: str,
    hashes: Sequence[str],
    rules: Sequence[str],
    reason: str,
    role: str,
) -> None:
    """Puts a confirmation on record; nothing is taken in by it until the month is loaded."""
    with writer(f"confirming {authority} {month}") as connection:
        connection.execute(
            "insert into ops.confirmations values (?, ?, ?, ?, ?, ?, now())",
            [month, authority, list(hashes), list(rules), reason, role],
        )


def last_outcome(authority: str, month: str) -> str | None:
    """What became of the last attempt to take an authority's month; None where there was none."""
    with writer(f"reading attempts of {authority} {month}") as connection:
        found = connection.execute(
            "select outcome from raw.attempts where authority = ? and month = ? "
            "order by attempted_at desc limit 1",
            [authority, month],
        ).fetchone()
    return found[0] if found else None
