"""What an accepted delivery was judged by and what was said of it, kept beside its rows.

Belongs here: keeping that, and finding it again. Does not belong here: what a verdict depends on.

It lies in schema `raw`, so that whatever replaces the rows of an authority's month removes it.
"""

import json
from collections.abc import Collection
from typing import Any

import duckdb


def keep_verdict(
    connection: duckdb.DuckDBPyConnection,
    authority: str,
    month: str,
    judged_by: str,
    said: dict[str, Any],
) -> None:
    """Keeps what was said of the delivery whose rows stand; `judged_by` is a hash of all it rests
    on.
    """
    connection.execute(
        "insert into raw.verdicts values (?, ?, ?, ?)",
        [authority, month, judged_by, json.dumps(said)],
    )


def kept_verdict(
    connection: duckdb.DuckDBPyConnection,
    authority: str,
    month: str,
    judged_by: str,
    file_sha256s: Collection[str],
) -> dict[str, Any] | None:
    """What was said of exactly these files by exactly these rules, where their rows stand.

    None where something else was tried since, or where what is kept cannot be read: then the
    delivery is judged.
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
        [authority, month, judged_by],
    ).fetchall()
    try:
        said = json.loads(found[-1][0]) if found else None
    except ValueError:
        return None
    return said if isinstance(said, dict) else None
