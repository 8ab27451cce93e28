"""Stores verdicts on accepted deliveries next to their rows: the findings, and what they rest on.

Belongs here: storing and finding them. Does not belong here: what a verdict rests on
(`unchanged.py`).

They are in schema `raw`, so that replacing the rows of an authority's month removes them.
"""

import json
from collections.abc import Collection
from typing import Any

import duckdb


def keep_verdict(
    connection: duckdb.DuckDBPyConnection,
    authority: str,
    month: str,
    basis: str,
    verdict: dict[str, Any],
) -> None:
    """Stores the verdict on the current delivery; `basis` is a hash of everything it rests on."""
    connection.execute(
        "insert into raw.verdicts values (?, ?, ?, ?)",
        [authority, month, basis, json.dumps(verdict)],
    )


def kept_verdict(
    connection: duckdb.DuckDBPyConnection,
    authority: str,
    month: str,
    basis: str,
    file_sha256s: Collection[str],
) -> dict[str, Any] | None:
    """The verdict on exactly these files with exactly this basis, if their rows are current.

    None if another delivery was tried since, or if the stored verdict cannot be read: the delivery
    is then validated.
    """
    last = connection.execute(
        "select list(distinct outcome) from raw.attempts where authority = $1 and month = $2 and "
        "attempted_at = (select max(attempted_at) from raw.attempts "
        "where authority = $1 and month = $2)",
        [authority, month],
    ).fetchall()[0][0]
    landed = connection.execute(
        "select distinct file_sha256 from raw.accepted where authority = ? and month = ?",
        [authority, month],
    ).fetchall()
    if last != ["accepted"] or not landed or not {one for (one,) in landed} <= {*file_sha256s}:
        return None
    found = connection.execute(
        "select said from raw.verdicts where authority = ? and month = ? and judged_by = ?",
        [authority, month, basis],
    ).fetchall()
    try:
        verdict = json.loads(found[-1][0]) if found else None
    except ValueError:
        return None
    return verdict if isinstance(verdict, dict) else None
