"""Confirmations on record: which rules a person has waived, for exactly the files of a delivery."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from tf_pipeline.warehouse.connect import reader, writer

# the rules that a person may waive; a missing heading is not for a person to decide
WAIVABLE = frozenset({"HALF_ROWS", "UNEXPECTED_FILE", "UNEXPECTED_SHEET", "WRONG_MONTH"})


@dataclass(frozen=True)
class Waiver:
    """The rules waived for a delivery, and the role that waived them; empty if nobody has."""

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
    """The rules that are waived for exactly these files."""
    with reader(f"reading confirmations of {authority} {month}") as connection:
        if connection is None:
            return NOTHING_WAIVED
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
    """Records a confirmation; it changes nothing until the month is loaded."""
    with writer(f"confirming {authority} {month}") as connection:
        connection.execute(
            "insert into ops.confirmations values (?, ?, ?, ?, ?, ?, now())",
            [month, authority, list(hashes), list(rules), reason, role],
        )


def last_outcome(authority: str, month: str) -> str | None:
    """The outcome of the last attempt to load an authority's month; None if there was none."""
    with reader(f"reading attempts of {authority} {month}") as connection:
        if connection is None:
            return None
        found = connection.execute(
            "select outcome from raw.attempts where authority = ? and month = ? "
            "order by attempted_at desc limit 1",
            [authority, month],
        ).fetchone()
    return found[0] if found else None
