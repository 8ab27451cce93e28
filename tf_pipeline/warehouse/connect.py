"""The only way to open the warehouse."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from tf_pipeline import paths
from tf_pipeline.errors import UserFacingError
from tf_pipeline.rules.crosswalks import seed
from tf_pipeline.warehouse.keys import ensure_key
from tf_pipeline.warehouse.lock import WAIT_SECONDS, write_lock
from tf_pipeline.warehouse.opening import encrypt_where_set, is_encrypted, open_warehouse

# increase it whenever LANDING_SQL changes; running that SQL upgrades an older warehouse
LANDING_VERSION = 5
LANDING_SQL = """
create schema if not exists raw;
create schema if not exists ops;
create schema if not exists restricted;
create table if not exists raw.accepted (
    authority varchar, month varchar, dataset varchar, file_name varchar, file_sha256 varchar,
    sheet varchar, rows_delivered integer, rows_accepted integer, rows_set_aside integer,
    date_formats varchar[], accepted_at timestamptz);
create table if not exists raw.attempts (
    authority varchar, month varchar, dataset varchar, outcome varchar, file_name varchar,
    file_sha256 varchar, rows_delivered integer, rows_accepted integer, rows_set_aside integer,
    reason varchar, attempted_at timestamptz, is_refused_with_others boolean);
create table if not exists raw.row_hashes (
    authority varchar, month varchar, dataset varchar, rows_sha256 varchar);
create table if not exists raw.verdicts (
    authority varchar, month varchar, judged_by varchar, said json);
create table if not exists raw.headings (
    authority varchar, month varchar, dataset varchar, file_name varchar, sheet varchar,
    position integer, heading varchar);
create table if not exists raw.set_aside (
    authority varchar, month varchar, dataset varchar, file_name varchar, sheet varchar,
    row_number integer, reason varchar, cells map(varchar, varchar));
create table if not exists raw.findings (
    authority varchar, month varchar, dataset varchar, file_name varchar, sheet varchar,
    row_number integer, heading varchar, rule varchar, severity varchar, responsible varchar,
    message varchar, occurrences integer, expected varchar);
create table if not exists ops.version (landing integer, since timestamptz);
create table if not exists ops.control (month varchar);
create table if not exists ops.seeded (files varchar, tables varchar);
create table if not exists ops.built (
    name varchar, month varchar, rests_on varchar, content varchar, run varchar, judged_by varchar,
    gate json);
create table if not exists ops.gates (
    month varchar, gate varchar, layer varchar, authority varchar, outcome varchar, rules integer,
    rules_failed integer, rows_checked integer, failed_rules varchar, seconds double,
    ran_at timestamptz);
create table if not exists ops.gate_rules (
    month varchar, gate varchar, layer varchar, authority varchar, position integer,
    expectation_id varchar, dataset varchar, rule varchar, column_name varchar, name varchar,
    severity varchar, checked bigint, failed bigint, observed double, passed boolean,
    problem varchar, limits json, given json, question varchar, judged_at timestamptz);
create table if not exists ops.confirmations (
    month varchar, authority varchar, file_sha256s varchar[], rules varchar[], reason varchar,
    role varchar, confirmed_at timestamptz);
create table if not exists ops.purges (
    purged_at timestamptz, kept varchar, unit varchar, month varchar, authority varchar,
    removed integer);
create table if not exists ops.key_rotations (
    rotated_at timestamptz, reason varchar, role varchar, months_left_out varchar[]);
create table if not exists restricted.key_check (value varchar);
create table if not exists restricted.key_map (
    authority varchar, kind varchar, local_id varchar, key varchar);
"""
# before version 5, only the reason said that another dataset was the cause
COLUMNS_OF_VERSION_5 = """
alter table raw.attempts add column if not exists is_refused_with_others boolean;
update raw.attempts
set is_refused_with_others = coalesce(reason like 'with the whole delivery%', false)
where is_refused_with_others is null;
alter table raw.findings add column if not exists expected varchar;
"""
DATASET_SQL = """
create table if not exists raw."{dataset}" (
    authority varchar, month varchar, file_name varchar, sheet varchar, row_number integer,
    item integer, cells varchar[]);
"""


class WarehouseTooNew(UserFacingError):
    """A newer version made the warehouse; this version cannot read its tables."""


class RotationUnfinished(UserFacingError):
    """A key rotation was interrupted; its data must replace the old data first."""


# maximum size of a load's write-ahead log: more than a month of rows for all of England
LOG_KEPT = "4GB"
# the warehouse of a running load: path → the connection that keeps its file open
_kept: dict[Path, duckdb.DuckDBPyConnection] = {}
_keeping = 0


@contextmanager
def kept_open() -> Iterator[None]:
    """Inside this context, all steps and dbt share one open connection to the warehouse.

    The caller holds the write lock throughout. An encrypted warehouse is opened for every step:
    dbt attaches it to its own database, and DuckDB lets only one database have the file.
    """
    global _keeping
    _keeping += 1
    try:
        yield
    finally:
        _keeping -= 1
        if not _keeping:
            close_kept()


def close_kept() -> None:
    """Closes the kept connection, so that another database can attach the warehouse's file."""
    while _kept:
        _kept.popitem()[1].close()


@contextmanager
def _opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse with its landing tables; closed afterwards, or kept for the next step."""
    if path in _kept:
        connection = _kept[path].cursor()
    else:
        encrypt_where_set(path)
        connection = open_warehouse(path)
        try:
            make_landing_tables(connection)
            if _keeping and not is_encrypted(path):
                # write the log into the file once, at the end, and not after every delivery
                connection.execute(f"set checkpoint_threshold = '{LOG_KEPT}'")
                _kept[path] = connection
                connection = connection.cursor()
        except BaseException:
            connection.close()
            raise
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def writer(purpose: str, wait_seconds: float = WAIT_SECONDS) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, open for writing, under the write lock.

    Raises WarehouseBusy if another process keeps the lock, KeyMissing if a warehouse or a
    release exists without the pseudonymisation key, WarehouseTooNew, and RotationUnfinished.
    """
    with write_lock(purpose, wait_seconds):
        if paths.rotation_path().exists():
            raise RotationUnfinished(
                "A key rotation was interrupted, and the old data must not change any more. "
                "Any command finishes it, for example: tf-pipeline status"
            )
        ensure_key()
        path = paths.warehouse_path()
        if path not in _kept and not path.exists():
            _make(path)
        with _opened(path) as connection:
            yield connection


def _make(path: Path) -> None:
    """Makes an empty warehouse, completely or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    open_warehouse(part).close()
    # staging holds names: only the owner may read the file
    part.chmod(0o600)
    part.replace(path)


def make_landing_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes missing landing tables and columns; this also migrates an older warehouse.

    Raises WarehouseTooNew before it changes anything.
    """
    known = _landing_version(connection)
    if known > LANDING_VERSION:
        raise WarehouseTooNew(
            f"A newer version of the pipeline wrote {paths.warehouse_path()} (tables of version "
            f"{known}, this one knows {LANDING_VERSION}). Install that version, or restore a backup"
        )
    connection.execute(LANDING_SQL)
    _lists_of_maps(connection)
    if known < 5:
        connection.execute(COLUMNS_OF_VERSION_5)
    if known < LANDING_VERSION:
        connection.execute("insert into ops.version values (?, now())", [LANDING_VERSION])
    for dataset in seed("reference/ref_datasets.csv")["dataset"]:
        connection.execute(DATASET_SQL.format(dataset=dataset))


def _lists_of_maps(connection: duckdb.DuckDBPyConnection) -> None:
    """Converts rows from before version 3 from maps (heading → text) to lists of texts."""
    tables = connection.execute(
        "select table_name from duckdb_columns() where database_name = current_database() "
        "and schema_name = 'raw' and column_name = 'cells' and data_type like 'MAP%' "
        "and table_name <> 'set_aside'"
    ).fetchall()
    for (table,) in tables:
        connection.execute(
            f"""
            create or replace table raw."{table}" as
            select rows.* replace (
                list_transform(names.headings, lambda heading: rows.cells[heading]) as cells
            )
            from raw."{table}" as rows
            left join (
                select authority, month, list(heading order by position) as headings,
                from raw.headings
                where dataset = $1
                group by authority, month
            ) as names using (authority, month)
            """,
            [table],
        )


def _landing_version(connection: duckdb.DuckDBPyConnection) -> int:
    """The newest version that wrote the tables; 0 if none recorded it."""
    is_kept = connection.execute(
        "select exists (select 1 from duckdb_tables() where database_name = current_database() "
        "and schema_name = 'ops' and table_name = 'version')"
    ).fetchall()[0][0]
    if not is_kept:
        return 0
    found = connection.execute("select coalesce(max(landing), 0) from ops.version").fetchall()
    return found[0][0]


@contextmanager
def reader(
    purpose: str, wait_seconds: float = WAIT_SECONDS
) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """The warehouse, open for reading under the write lock; None if there is none.

    A load reads through the connection that it keeps open.
    Raises WarehouseBusy if another process keeps the lock.
    """
    path = paths.warehouse_path()
    if not path.exists():
        yield None
        return
    with write_lock(purpose, wait_seconds):
        opened = _opened(path) if _keeping else closing(open_warehouse(path, read_only=True))
        with opened as connection:
            yield connection


@contextmanager
def published_reader() -> Iterator[duckdb.DuckDBPyConnection | None]:
    """The current release, read only; None if nothing has been published yet."""
    path = paths.current_release_path()
    if not path.exists():
        yield None
        return
    connection = duckdb.connect(str(path.resolve()), read_only=True)
    try:
        yield connection
    finally:
        connection.close()
