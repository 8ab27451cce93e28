"""Seeds the reference tables only if a seed has changed since the last seeding.

Belongs here: recognising a seeding, and whether its tables are unchanged.
Does not belong here: running dbt (`runner.py`); the gates, which check every table anyway.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256

import duckdb

from tf_pipeline import paths
from tf_pipeline.warehouse.connect import reader, writer
from tf_pipeline.warehouse.contents import Part, contents


def seed_where_changed(tables: Mapping[str, list[str]], seed: Callable[[], object]) -> bool:
    """Calls `seed` unless these tables match the current seeds; returns whether it did.

    `tables` is seed → schema and table.
    """
    files = _files()
    with reader("comparing the seeds") as connection:
        kept = "select files, tables from ops.seeded"
        made = connection.execute(kept).fetchall() if connection else []
        if connection and made and made[-1] == (files, _content(connection, tables)):
            return False
    seed()
    with writer("recording the seeds") as connection:
        connection.execute("delete from ops.seeded")
        connection.execute(
            "insert into ops.seeded values (?, ?)", [files, _content(connection, tables)]
        )
    return True


def _files() -> str:
    """A hash of every seed and its YAML, and of the version of DuckDB, which hashes the rows."""
    digest = sha256(duckdb.__version__.encode())
    for path in sorted(paths.seeds_dir().rglob("*")):
        if path.is_file():
            digest.update(f"\0{path.relative_to(paths.seeds_dir())}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _content(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, list[str]]) -> str:
    """A hash of the columns and rows of these tables; empty if a table is missing."""
    parts = [Part(schema, table) for schema, table in sorted(tables.values())]
    held = contents(connection, parts)
    return (
        sha256(repr(sorted(held.items())).encode()).hexdigest() if len(held) == len(parts) else ""
    )
