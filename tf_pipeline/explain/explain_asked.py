"""`tf-pipeline explain`: finds the requested figures and shows each of them."""

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb
from rich.console import Console

from tf_pipeline import paths
from tf_pipeline.explain.cell import Cell, columns_of, find
from tf_pipeline.explain.draw import draw
from tf_pipeline.explain.explanation import explain
from tf_pipeline.explain.family import of_key, show_family
from tf_pipeline.explain.not_explained import NotExplained
from tf_pipeline.explain.reading import reader
from tf_pipeline.explain.show import show
from tf_pipeline.explain.text import line

PLAIN = "Local ids and delivered cells are not shown; --restricted shows both."
RESTRICTED = "RESTRICTED: local ids and delivered cells are shown. Do not share."


@dataclass(frozen=True)
class Asked:
    """What to explain, and how much of it to show."""

    table: str | None
    column: str | None
    month: str | None
    authority: str | None
    where: Mapping[str, str]
    family: str | None
    draw: int
    seed: int
    rows: int
    restricted: bool


def explain_asked(out: Console, asked: Asked) -> None:
    """Shows what was requested. Raises NotExplained if it does not exist."""
    with reader() as connection:
        if asked.restricted:
            _refuse_where_others_read()
        first = RESTRICTED if asked.restricted else PLAIN
        if asked.family:
            family = of_key(connection, asked.family, asked.month)
            line(out, first, 0)
            show_family(out, connection, family, asked.rows, asked.restricted)
            return
        cells = list(_cells(connection, asked))
        line(out, first, 0)
        for cell in cells:
            out.print()
            told = explain(connection, cell, asked.rows, asked.restricted)
            show(out, told, asked.rows)


def _cells(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Iterator[Cell]:
    if asked.draw:
        yield from draw(connection, asked.draw, asked.seed)
        return
    table, column = asked.table or "", asked.column or ""
    named = {"month": asked.month, "authority": asked.authority}
    wanted = {name: value for name, value in named.items() if value} | dict(asked.where)
    if "month" not in wanted and "month" in columns_of(connection, table):
        latest = connection.execute(f"select max(month) from gm.{table}").fetchall()[0][0]
        wanted = ({"month": latest} if latest else {}) | wanted
    yield find(connection, table, column, wanted)


def _refuse_where_others_read() -> None:
    """Raises NotExplained if others can read the warehouse: the output is restricted too."""
    path = paths.warehouse_path()
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise NotExplained(
            f"People other than the owner can read {path}, so nothing restricted is shown; "
            f"run: chmod 600 {path}"
        )
