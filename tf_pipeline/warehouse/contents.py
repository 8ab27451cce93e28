"""A hash of a table's content: equal if columns and rows are equal, in any order.

Belongs here: hashing rows. Does not belong here: what follows from a change (`up_to_date.py`).
"""

from collections.abc import Collection
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

import duckdb


class Rows(StrEnum):
    """Which rows of a table to hash; for a table without a column `month`, only all."""

    ALL = "true"
    OF_MONTH = "month = $month"
    EARLIER = "month < $month"
    # each authority's last accepted month, which a month's figures are built from
    STANDING = (
        "(authority, month) in (select (authority, max(month)) from raw.accepted "
        "where month <= $month group by authority)"
    )


class Part(NamedTuple):
    """Rows of a table."""

    schema: str
    table: str
    rows: Rows = Rows.ALL


def contents(
    connection: duckdb.DuckDBPyConnection,
    parts: Collection[Part],
    month: str = "",
    database: str = "",
) -> dict[Part, str]:
    """A hash of the columns and rows of each part; leaves out tables that do not exist.

    `database` is the name of an attached file; the default is the connection's own database.
    """
    if not database:
        database = connection.execute("select current_database()").fetchall()[0][0]
    columns: dict[tuple[str, str], list] = {}
    for schema, table, *column in connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where database_name = ? order by column_index",
        [database],
    ).fetchall():
        columns.setdefault((schema, table), []).append(column)
    there = [part for part in dict.fromkeys(parts) if part[:2] in columns]
    if not there:
        return {}
    sums = [
        f"select {number}, count(*), sum(hash(rows)), bit_xor(hash(rows)) "
        f'from "{database}"."{part.schema}"."{part.table}" as rows '
        f"where {_where(part, columns[part[:2]])}"
        for number, part in enumerate(there)
    ]
    sql = " union all ".join(sums) + " order by 1"
    found = connection.execute(sql, {"month": month} if "$month" in sql else {}).fetchall()
    return {
        part: sha256(repr([columns[part[:2]], *row]).encode()).hexdigest()
        for part, (_, *row) in zip(there, found, strict=True)
    }


def _where(part: Part, columns: list) -> str:
    has_month = any(name == "month" for name, _ in columns)
    return part.rows.value if has_month else Rows.ALL.value
