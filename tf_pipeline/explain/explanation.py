"""The explanation of one cell: everything that is shown about it, in one place."""

from dataclasses import dataclass

import duckdb

from tf_pipeline.explain import delivered, delivered_places, members
from tf_pipeline.explain.cell import Cell
from tf_pipeline.explain.dated import Dated, dated_rows
from tf_pipeline.explain.delivered import Unnamed
from tf_pipeline.explain.delivered_places import Place
from tf_pipeline.explain.lineage import KEYS, Line, lines_of
from tf_pipeline.explain.passed import Gate, gates_passed
from tf_pipeline.explain.records import Records, records_of


@dataclass(frozen=True)
class Counted:
    """The members of a figure: entity, number, the amount they sum to, and the first pseudonyms."""

    column: str
    entity: str
    members: int
    amount: float
    authorities: int
    first: list[str]


@dataclass(frozen=True)
class Explanation:
    """Everything known about one cell."""

    cell: Cell
    lines: list[Line]
    rests_on: list[tuple[str, str]]
    counted: list[Counted]
    places: list[Place]
    unnamed: list[Unnamed]
    headings: list[tuple[str, str, list[str], str]]
    delivered_cells: list[tuple]
    dated: dict[str, list[Dated]]
    records: list[Records]
    gates: list[Gate]


def explain(
    connection: duckdb.DuckDBPyConnection, cell: Cell, rows: int, restricted: bool = False
) -> Explanation:
    """Follows a cell down to delivered rows.

    `rows` is how many row numbers and pseudonyms to list; `restricted` adds the cells read.
    """
    lines = lines_of(connection, cell)
    members.collect(connection, cell, lines)
    return of_members(connection, cell, lines, rows, restricted)


def of_members(
    connection: duckdb.DuckDBPyConnection,
    cell: Cell,
    lines: list[Line],
    rows: int,
    restricted: bool,
) -> Explanation:
    """Follows the collected members; leaves its findings as tables in the connection."""
    members.find_deliveries(connection, cell)
    unnamed = delivered.collect(connection, cell, lines)
    return Explanation(
        cell, lines, _rests_on(connection), _counted(connection, rows),
        delivered_places.places_of(connection, rows), unnamed,
        delivered_places.headings_read(connection),
        delivered_places.delivered_cells(connection, rows) if restricted else [],
        dated_rows(connection, cell, lines), records_of(connection, cell, lines),
        gates_passed(connection, cell),
    )  # fmt: skip


def _rests_on(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return connection.execute(
        "select month, authority from deliveries_read order by all"
    ).fetchall()


def _counted(connection: duckdb.DuckDBPyConnection, rows: int) -> list[Counted]:
    """Counts members by the narrowest key that they have."""
    found = []
    for entity, key in reversed(KEYS.items()):
        others = [name for name in reversed(KEYS.values()) if name != key]
        narrower = others[: list(reversed(KEYS.values())).index(key)]
        none = "".join(f" and {name} is null" for name in narrower)
        found += connection.execute(
            f"""
            select column_name, ?, count(distinct {key}), sum(amount),
                count(distinct of_authority), list_sort(list_distinct(list({key})))[:?],
            from members
            where {key} is not null{none}
            group by column_name
            order by column_name
            """,
            [entity, rows],
        ).fetchall()
    return [Counted(*row) for row in found]
