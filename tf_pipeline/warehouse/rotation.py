"""Puts a world made with a new key in place of the old one: all of it, or nothing.

Belongs here: the plan that a crash cannot lose, and the steps, each of which may be done again.
Does not belong here: making the new world (`defs/rotate.py`).
"""

import json
import os
import shutil
from pathlib import Path

import duckdb
import polars as pl

from tf_pipeline import paths
from tf_pipeline.warehouse.keys import pseudonym

SCRATCH = ".rotating-"


def plan(scratch: Path, release_id: str, retired: str) -> None:
    """From here on the new world holds: whoever takes the write lock next finishes what is left.

    `scratch` lies in the data folder, with warehouse, key and release in the same places as there;
    `retired` is the file name that the old key gets.
    """
    path = paths.rotation_path()
    beside = path.with_name(f".{path.name}")
    beside.write_text(
        json.dumps({"scratch": scratch.name, "release": release_id, "retired": retired})
    )
    with beside.open() as file:
        os.fsync(file.fileno())
    beside.replace(path)


def finish() -> None:
    """Does the steps of a plan that are not done yet; the caller holds the write lock."""
    from tf_pipeline.warehouse.register import entries, record
    from tf_pipeline.warehouse.releases import current_id, point_current_at

    said = json.loads(paths.rotation_path().read_text())
    scratch, release_id = paths.data_dir() / said["scratch"], said["release"]
    _retire_key(scratch, said["retired"])
    release = paths.published_dir() / release_id
    if not release.exists():
        (scratch / "published" / release_id).rename(release)
    warehouse = scratch / "warehouse" / paths.warehouse_path().name
    if warehouse.exists():
        # what a killed writer left belongs to the old file
        paths.warehouse_path().with_name(f"{warehouse.name}.wal").unlink(missing_ok=True)
        warehouse.replace(paths.warehouse_path())
    key = scratch / "secrets" / paths.key_path().name
    if key.exists():
        key.replace(paths.key_path())
    if not any(e.get("release") == release_id for e in entries()):
        record("published", release_id, current_id())
    point_current_at(release_id)
    paths.rotation_path().unlink()
    shutil.rmtree(scratch, ignore_errors=True)


def _retire_key(scratch: Path, name: str) -> None:
    """Copies the old key aside while it is still in its place."""
    target = paths.key_path().parent / "retired" / name
    if target.exists() or not (scratch / "secrets" / paths.key_path().name).exists():
        return
    target.parent.mkdir(exist_ok=True, mode=0o700)
    beside = target.with_name(f".{name}")
    shutil.copyfile(paths.key_path(), beside)
    beside.chmod(0o600)
    beside.replace(target)


def renew_key_map(connection: duckdb.DuckDBPyConnection, key: bytes, keep_old: bool) -> int:
    """Gives every id in `restricted.key_map` its pseudonym by a new key; returns how many.

    With `keep_old` old and new stand side by side in `restricted.key_rotation`, until the next one.
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
    """Removes months' rows from every table of `gm` that has pseudonyms; figures stay."""
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
