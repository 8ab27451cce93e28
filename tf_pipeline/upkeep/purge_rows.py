"""Removes rows older than their declared period, but never a current accepted delivery.

Belongs here: rows of deliveries, rows set aside, unused pseudonyms, and the record of purges.
Does not belong here: periods (`retention.py`), files (`purge_files.py`), releases (`releases`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from tf_pipeline.errors import UserFacingError
from tf_pipeline.upkeep.retention import Period
from tf_pipeline.vocabulary import KEPT_BESIDE

# each authority's last accepted delivery, whatever its age
OLD = """
    from {table} as old
    where old.month < ?
        and old.month is distinct from (
            select max(accepted.month) from raw.accepted as accepted
            where accepted.authority = old.authority
        )
"""


class Purged(UserFacingError):
    """A month needs rows that have been purged; it cannot be built again."""


@dataclass(frozen=True)
class Removed:
    """How many rows, keys, files or runs of one thing are or would be removed; no values."""

    kept: str
    unit: str
    month: str
    authority: str
    count: int


def old_rows(
    connection: duckdb.DuckDBPyConnection, periods: Sequence[Period], delete: bool
) -> list[Removed]:
    """Counts what is too old and, with `delete`, removes it in the caller's open transaction."""
    first = {period.kept: period.first_month for period in periods}
    found = []
    for kept in (*(name for name in first if name not in KEPT_BESIDE), "set_aside"):
        table = f'raw."{kept}"'
        counted = connection.execute(
            f"select '{kept}', 'rows', month, authority, count(*) {OLD.format(table=table)}"
            "group by all order by month, authority",
            [first[kept]],
        ).fetchall()
        found += [Removed(*row) for row in counted]
        if delete and counted:
            connection.execute(f"delete {OLD.format(table=table)}", [first[kept]])
    if delete:
        for pair in {(one.authority, one.month) for one in found if one.kept != "set_aside"}:
            _forget_work(connection, *pair)
    return found + _old_keys(connection, first["key_map"], delete)


def _forget_work(connection: duckdb.DuckDBPyConnection, authority: str, month: str) -> None:
    """Empties the layers that still hold the last built month, with its names."""
    tables = connection.execute(
        "select schema_name, table_name from duckdb_columns() "
        "where schema_name in ('staging', 'intermediate', 'audit') "
        "and database_name = current_database() and column_name in ('authority', 'as_of_month') "
        "group by all having count(*) = 2"
    ).fetchall()
    for schema, table in tables:
        connection.execute(
            f'delete from {schema}."{table}" where authority = ? and as_of_month = ?',
            [authority, month],
        )
    # a stored gate result is valid only while the rows exist
    connection.execute(
        "delete from raw.verdicts where authority = ? and month = ?", [authority, month]
    )


def _old_keys(
    connection: duckdb.DuckDBPyConnection, first_month: str, delete: bool
) -> list[Removed]:
    """Pseudonyms in no kept month of the marts; the newest month is always kept."""
    used = connection.execute(
        """
        select table_name, column_name from duckdb_columns()
        where schema_name = 'gm' and database_name = current_database()
            and (column_name like '%family_key' or column_name like '%person_key')
            and table_name in (
                select table_name from duckdb_columns()
                where schema_name = 'gm' and column_name = 'month'
            )
        """
    ).fetchall()
    if not used:
        return []
    since = "least($first, (select max(month) from gm.families))"
    every = " union ".join(
        f'select "{column}" as key from gm."{table}" where month >= {since}'
        for table, column in used
    )
    in_use = f"select key from ({every}) where key is not null"
    where = f"from restricted.key_map where key not in ({in_use})"
    counted = connection.execute(
        f"select 'key_map', 'keys', '', authority, count(*) {where} group by authority order by 4",
        {"first": first_month},
    ).fetchall()
    if delete and counted:
        connection.execute(f"delete {where}", {"first": first_month})
    return [Removed(*row) for row in counted]


def record(connection: duckdb.DuckDBPyConnection, removed: Sequence[Removed]) -> None:
    """Adds to `ops.purges` what was removed, and when."""
    for one in removed:
        connection.execute(
            "insert into ops.purges values (now(), ?, ?, ?, ?, ?)",
            [one.kept, one.unit, one.month, one.authority, one.count],
        )


def refuse_purged(connection: duckdb.DuckDBPyConnection, month: str) -> None:
    """Raises Purged if a month's current delivery has been purged since it was accepted."""
    gone = connection.execute(
        """
        with standing as (
            select authority, max(month) as as_of_month from raw.accepted
            where month <= ? group by authority
        )

        select accepted.authority, accepted.month, accepted.dataset
        from standing
        inner join raw.accepted as accepted
            on standing.authority = accepted.authority and standing.as_of_month = accepted.month
        inner join ops.purges as purges
            on accepted.authority = purges.authority and accepted.month = purges.month
            and accepted.dataset = purges.kept and purges.purged_at > accepted.accepted_at
        order by all
        limit 1
        """,
        [month],
    ).fetchone()
    if gone:
        authority, of_month, dataset = gone
        raise Purged(
            f"{month} cannot be built again, because {dataset} of {authority} for {of_month} were "
            "purged after their retention period. Figures without them would be wrong. Published "
            f"figures of {month} stay in the releases"
        )
