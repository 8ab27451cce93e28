"""New pseudonyms, from a new key, in a warehouse and in a release."""

import duckdb
import polars as pl

from tf_pipeline.warehouse.keys import pseudonym


def renew_key_map(connection: duckdb.DuckDBPyConnection, key: bytes, keep_old: bool) -> int:
    """Gives every id in `restricted.key_map` a pseudonym from a new key; returns how many.

    With `keep_old`, `restricted.key_rotation` maps old to new keys until the next rotation.
    """
    rows = connection.execute(
        "select authority, kind, local_id, key as old_key from restricted.key_map"
    ).pl()
    keys = [pseudonym(key, *row[:3]) for row in rows.iter_rows()]
    renewed = rows.with_columns(pl.Series("key", keys, dtype=pl.String))
    connection.execute("delete from restricted.key_check; delete from restricted.key_map")
    connection.execute(
        "insert into restricted.key_map select authority, kind, local_id, key from renewed"
    )
    connection.execute("drop table if exists restricted.key_rotation")
    if keep_old:
        connection.execute(
            "create table restricted.key_rotation as "
            "select authority, kind, old_key, key as new_key from renewed"
        )
    return renewed.height


def without_rows_of(connection: duckdb.DuckDBPyConnection, months: list[str]) -> None:
    """Removes months' rows from every table of `gm` with pseudonyms; the figures stay."""
    tables = connection.execute(
        "select distinct table_name from duckdb_columns() where schema_name = 'gm' "
        "and database_name = current_database() and column_name like '%\\_key' escape '\\' "
        "and table_name in (select table_name from duckdb_columns() where schema_name = 'gm' "
        "and column_name = 'month')"
    ).fetchall()
    for (table,) in tables:
        connection.execute(
            f'delete from gm."{table}" where month in (select unnest(?::varchar[]))', [months]
        )
