"""Draws random cells: first a published table, then one of its rows, then one of its columns.

The members of figures are not drawn: they are what an explanation shows.
"""

from collections.abc import Iterator
from random import Random

import duckdb

from tf_pipeline.explain.cell import Cell, columns_of, find, grain_of
from tf_pipeline.explain.members import PUBLISHED


def draw(connection: duckdb.DuckDBPyConnection, cells: int, seed: int) -> Iterator[Cell]:
    """Draws this many cells; the same ones for the same seed and release."""
    chance = Random(seed)
    tables = connection.execute(
        "select table_name from gm.dictionary "
        "where column_name = '' and table_name <> ? order by 1",
        [PUBLISHED],
    ).fetchall()
    sizes = {
        t: connection.execute(f"select count(*) from gm.{t}").fetchall()[0][0] for (t,) in tables
    }
    filled = [table for table, size in sizes.items() if size]
    for _ in range(cells):
        table = chance.choice(filled)
        grain = grain_of(connection, table)
        names = ", ".join(f'"{name}"' for name in grain)
        shown = ", ".join(f'"{name}"::varchar' for name in grain)
        row = connection.execute(
            f"select {shown} from gm.{table} order by {names} limit 1 offset ?",
            [chance.randrange(sizes[table])],
        ).fetchall()[0]
        column = chance.choice(list(columns_of(connection, table)))
        wanted = {name: value for name, value in zip(grain, row, strict=True) if value is not None}
        yield find(connection, table, column, wanted)
