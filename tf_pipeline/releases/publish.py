"""Publishes a month: copies the last release, replaces the month, swaps `current` atomically."""

import json
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from tf_pipeline import paths
from tf_pipeline.releases.catalogue import (
    FILE_NAME,
    current_id,
    keep_days,
    point_current_at,
    prune,
)
from tf_pipeline.releases.changes import alike, figures_changed, parts_of, why
from tf_pipeline.releases.contract import BY_MONTH, RELEASE_SQL, WHOLE
from tf_pipeline.releases.release_register import record
from tf_pipeline.releases.shared import FILE_NAME as SHARED_FILE
from tf_pipeline.releases.shared import SHARED, build_shared
from tf_pipeline.warehouse.connect import close_kept
from tf_pipeline.warehouse.lock import write_lock
from tf_pipeline.warehouse.opening import attach, quoted
from tf_pipeline.warehouse.private import for_the_group


@dataclass(frozen=True)
class Release:
    """A release, unfinished or finished: folder name, file, and rows per table for the month."""

    release_id: str
    path: Path
    rows: dict[str, int]


def publish(
    month: str,
    fingerprint: str,
    gate: Callable[[duckdb.DuckDBPyConnection], None],
    write_page: Callable[[duckdb.DuckDBPyConnection, Path, str], object] | None = None,
) -> Release:
    """Publishes one month of the warehouse's marts.

    `gate` checks the finished file before anybody else can open it. If it raises, nothing is
    published and the last release stays current. `write_page` then writes a page next to the
    file; it gets the open file, its folder and the release's id. The files of the last release
    never change, so its readers are not disturbed. Publication copies the *current* release;
    after a rollback that is the older one. At the end it removes old releases by the rule.
    """
    keep_days()
    stamp = datetime.now(UTC)
    release_id = f"{stamp:%Y%m%dT%H%M%S}-{stamp.microsecond // 1000:03d}-{month}"
    building = paths.published_dir() / f".building-{release_id}"
    with write_lock(f"publishing {month}"):
        # the release's database must attach the warehouse file itself
        close_kept()
        if not paths.published_dir().exists():
            paths.published_dir().mkdir(parents=True)
            for_the_group(paths.published_dir())
        for left_over in paths.published_dir().glob(".building-*"):
            shutil.rmtree(left_over)
        building.mkdir()
        try:
            path = building / FILE_NAME
            shared = building / SHARED_FILE
            before = current_id()
            previous = paths.current_release_path().resolve() if before else None
            if previous:
                shutil.copyfile(previous, path)
                if (last := previous.with_name(SHARED_FILE)).exists():
                    shutil.copyfile(last, shared)
            same = alike(previous, month)
            figures = figures_changed(previous, month, same)
            rows = _fill(path, month, release_id, fingerprint, figures, same, gate)
            if write_page:
                with duckdb.connect(str(path), read_only=True) as finished:
                    finished.execute(f"attach {quoted(shared)} as shared (read_only)")
                    write_page(finished, building, release_id)
            for_the_group(building, *building.iterdir())
            path.chmod(0o440)
            shared.chmod(0o440)
            folder = paths.published_dir() / release_id
            building.rename(folder)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
        # the register is written first: no reader sees a release that is not in it
        record("published", release_id, before)
        point_current_at(release_id)
        prune()
    return Release(release_id, folder / FILE_NAME, rows)


def _fill(
    path: Path,
    month: str,
    release_id: str,
    fingerprint: str,
    figures: str,
    same: Collection[str],
    gate: Callable[[duckdb.DuckDBPyConnection], None],
) -> dict[str, int]:
    connection = duckdb.connect(str(path))
    try:
        attach(connection, paths.warehouse_path(), "warehouse")
        connection.execute("create schema if not exists gm")
        connection.execute(RELEASE_SQL)
        connection.begin()
        own, warehouse = _columns(connection)
        before = {t: _rows_of(connection, t, month) if t in own else 0 for t in BY_MONTH}
        for table in (table for table in BY_MONTH if table not in same):
            # copy the whole table if it is new or its columns have changed
            is_same = own.get(table) == warehouse[table]
            _replace(connection, table, month if is_same else None)
        for table in (table for table in WHOLE if table not in same):
            _replace(connection, table, None)
        _copy_comments(connection)
        connection.execute("delete from gm.gates where month = ?", [month])
        connection.execute(
            # the release's own gates run next, on this file
            "insert into gm.gates by name select * from warehouse.ops.gates "
            "where month = ? and layer <> 'publication'",
            [month],
        )
        rows = {table: _rows_of(connection, table, month) for table in BY_MONTH}
        changed = ", ".join(
            f"{table} {before[table]} -> {rows[table]}" for table in BY_MONTH if rows[table]
        )
        _record_release(connection, month, release_id, fingerprint, changed, figures)
        _describe(connection)
        connection.commit()
        connection.execute("detach warehouse")
        _share(connection, path.with_name(SHARED_FILE), month)
        gate(connection)
        connection.execute("detach shared")
        connection.execute("checkpoint")
    finally:
        connection.close()
    return rows


def _share(connection: duckdb.DuckDBPyConnection, path: Path, month: str) -> None:
    """Rebuilds the month in the shared file, and adds any month that the file lacks."""
    connection.execute(f"attach {quoted(path)} as shared")
    held = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'shared' "
        "and schema_name = ? and table_name = 'suppression'",
        [SHARED],
    ).fetchall()
    missing = "" if not held else f"except select month from shared.{SHARED}.suppression"
    months = connection.execute(
        f"(select month from gm.families {missing}) union select ? order by 1", [month]
    ).fetchall()
    build_shared(connection, [found for (found,) in months], "shared")


def _columns(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, list], dict[str, list]]:
    """Table of schema gm → its columns and types, for the release and for the warehouse."""
    own: dict[str, list] = {}
    warehouse: dict[str, list] = {}
    for catalog, table, *column in connection.execute(
        "select database_name, table_name, column_name, data_type from duckdb_columns() "
        "where database_name in (current_database(), 'warehouse') and schema_name = 'gm' "
        "order by column_index"
    ).fetchall():
        of = warehouse if catalog == "warehouse" else own
        of.setdefault(table, []).append(column)
    return own, warehouse


def _rows_of(connection: duckdb.DuckDBPyConnection, table: str, month: str) -> int:
    counted = connection.execute(f"select count(*) from gm.{table} where month = ?", [month])
    return counted.fetchall()[0][0]


def _replace(connection: duckdb.DuckDBPyConnection, table: str, month: str | None) -> None:
    """Replaces a table's month, or the whole table."""
    if month is None:
        connection.execute(
            f"create or replace table gm.{table} as select * from warehouse.gm.{table}"
        )
        return
    connection.execute(f"delete from gm.{table} where month = ?", [month])
    connection.execute(
        f"insert into gm.{table} select * from warehouse.gm.{table} where month = ?", [month]
    )


def _copy_comments(connection: duckdb.DuckDBPyConnection) -> None:
    """Copies comments that differ; dbt writes them from the descriptions of the models."""
    found = connection.execute(
        """
        with comments as (
            select database_name, 'table gm.' || table_name as target, comment
            from duckdb_tables()
            where schema_name = 'gm' and list_contains($tables, table_name)
            union all
            select
                database_name, format('column gm.{}."{}"', table_name, column_name), comment,
            from duckdb_columns()
            where schema_name = 'gm' and list_contains($tables, table_name)
        )

        select target, theirs.comment
        from (select * from comments where database_name = 'warehouse') as theirs
        inner join (select * from comments where database_name = current_database()) as ours
            using (target)
        where theirs.comment is not null and theirs.comment is distinct from ours.comment
        """,
        {"tables": [*BY_MONTH, *WHOLE]},
    ).fetchall()
    if found:
        escaped = [(target, comment.replace("'", "''")) for target, comment in found]
        connection.execute("".join(f"comment on {on} is '{text}';" for on, text in escaped))


def _record_release(
    connection: duckdb.DuckDBPyConnection,
    month: str,
    release_id: str,
    fingerprint: str,
    changed: str,
    figures: str,
) -> None:
    parts = parts_of(connection, month)
    connection.execute(
        """
        insert into gm.releases by name
        select
            $1 as release_id, $2 as month, now() as published_at,
            (select string_agg(distinct month, ' ' order by month) from gm.deliveries)
                as months_held,
            count(*) filter (where outcome = 'accepted') as authorities_accepted,
            string_agg(authority || ' ' || outcome, ', ' order by authority)
                filter (where outcome <> 'accepted') as authorities_not_accepted,
            $3 as what_changed, $4 as fingerprint, $5 as why, $6 as figures_changed,
            $7 as fingerprint_parts
        from (
            select authority, max(outcome) as outcome from gm.deliveries
            where month = $2
            group by authority
        )
        """,
        [
            release_id,
            month,
            changed,
            fingerprint,
            why(connection, month, parts),
            figures,
            json.dumps(parts),
        ],
    )


def _describe(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        delete from gm.dictionary;
        insert into gm.dictionary
        select table_name, column_name, column_index, data_type, comment
        from duckdb_columns()
        where schema_name = 'gm' and database_name = current_database()
        union all
        select table_name, '', 0, null, comment
        from duckdb_tables()
        where schema_name = 'gm' and database_name = current_database()
        order by all
        """
    )
