"""Seeds the reference tables only where a seed has changed since the warehouse was seeded.

Belongs here: what a seeding is known by, and whether its tables are still what it made.
Does not belong here: running dbt (`runner.py`); the gates, which look at every table anyway.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256

import duckdb

from tf_pipeline import paths
from tf_pipeline.warehouse.connect import writer
from tf_pipeline.warehouse.contents import Part, contents


def seed_where_changed(tables: Mapping[str, list[str]], seed: Callable[[], object]) -> bool:
    """Calls `seed` unless these tables hold what the seeds as they are now made; says if it did.

    `tables` is seed → schema and table.
    """
    files = _files()
    with writer("looking whether a seed has changed") as connection:
        made = connection.execute("select files, tables from ops.seeded").fetchall()
        if made and made[-1] == (files, _content(connection, tables)):
            return False
    seed()
    with writer("recording what was seeded") as connection:
        connection.execute("delete from ops.seeded")
        connection.execute(
            "insert into ops.seeded values (?, ?)", [files, _content(connection, tables)]
        )
    return True


def _files() -> str:
    """A hash of every seed, of what is declared of it, and of DuckDB, which hashes the rows."""
    digest = sha256(duckdb.__version__.encode())
    for path in sorted(paths.seeds_dir().rglob("*")):
        if path.is_file():
            digest.update(f"\0{path.relative_to(paths.seeds_dir())}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _content(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, list[str]]) -> str:
    """A hash of the columns and rows of these tables; empty where one is missing."""
    parts = [Part(schema, table) for schema, table in sorted(tables.values())]
    held = contents(connection, parts)
    return (
        sha256(repr(sorted(held.items())).encode()).hexdigest() if len(held) == len(parts) else ""
    )
