"""The build records in `ops.built`: each table's inputs and content, and its gate's result.

Belongs here: storing and reading them. Does not belong here: decisions based on them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from tf_pipeline.warehouse.transaction import at_once

COLUMNS = dict.fromkeys(
    ("name", "month", "rests_on", "content", "run", "judged_by", "gate"), pl.String
)


@dataclass(frozen=True)
class BuildRecord:
    """A table or test as it was last built for a month.

    rests_on: a hash of all its inputs; content: a hash of its rows, empty for a test. run: the run
    that built it or found it unchanged. judged_by: a hash of everything its gate depends on except
    the rows; gate: the gate's result, None if the gate was not open.
    """

    rests_on: str
    content: str
    run: str
    judged_by: str = ""
    gate: dict[str, Any] | None = None


def build_records(connection: duckdb.DuckDBPyConnection, month: str) -> dict[str, BuildRecord]:
    """Table or test → its last build record for a month; leaves out unreadable records."""
    found = connection.execute(
        "select name, rests_on, content, run, judged_by, gate from ops.built where month = ?",
        [month],
    ).fetchall()
    kept = {}
    for name, rests_on, content, run, judged_by, gate in found:
        try:
            stored = json.loads(gate) if gate else None
        except ValueError:
            continue
        stored = stored if isinstance(stored, dict) else None
        kept[name] = BuildRecord(rests_on, content, run, judged_by, stored)
    return kept


def keep_build_records(
    connection: duckdb.DuckDBPyConnection, month: str, records: Mapping[str, BuildRecord]
) -> None:
    """Stores the build records of tables and tests for a month; replaces their old records."""
    rows = pl.DataFrame(  # noqa: F841
        [
            (name, month, one.rests_on, one.content, one.run, one.judged_by,
             json.dumps(one.gate) if one.gate else None)
            for name, one in records.items()
        ],
        COLUMNS,
        orient="row",
    )  # fmt: skip
    with at_once(connection):
        connection.execute(
            "delete from ops.built where month = $month and list_contains($names, name)",
            {"month": month, "names": [*records]},
        )
        connection.execute("insert into ops.built select * from rows")
