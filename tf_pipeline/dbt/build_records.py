"""What each table was built from and held, and what its gate said, as `ops.built` keeps it.

Belongs here: keeping that, and finding it again. Does not belong here: what it decides.
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

    rests_on: a hash of all that it was built from; content: of what it then held, empty for a test.
    run: the run that built it or found it unchanged. judged_by: a hash of what its gate rests on
    besides the rows; gate: what that said, None where it was not open.
    """

    rests_on: str
    content: str
    run: str
    judged_by: str = ""
    gate: dict[str, Any] | None = None


def build_records(connection: duckdb.DuckDBPyConnection, month: str) -> dict[str, BuildRecord]:
    """Table or test → how it was last built for a month; what cannot be read is left out."""
    found = connection.execute(
        "select name, rests_on, content, run, judged_by, gate from ops.built where month = ?",
        [month],
    ).fetchall()
    kept = {}
    for name, rests_on, content, run, judged_by, gate in found:
        try:
            said = json.loads(gate) if gate else None
        except ValueError:
            continue
        said = said if isinstance(said, dict) else None
        kept[name] = BuildRecord(rests_on, content, run, judged_by, said)
    return kept


def keep_build_records(
    connection: duckdb.DuckDBPyConnection, month: str, records: Mapping[str, BuildRecord]
) -> None:
    """Keeps how tables and tests were built for a month, in place of what was kept of them."""
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
