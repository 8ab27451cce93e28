"""What a published column depends on, according to `seeds/reference/ref_lineage.csv`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from tf_pipeline.explain.cell import Cell

# entity → the key that finds its rows in a delivery
KEYS = {"family": "family_key", "person": "person_key", "intervention": "intervention_key"}
# a placeholder that the row cannot fill matches anything
ANY = "*"


@dataclass(frozen=True)
class Line:
    """One line of the lineage; its placeholders are filled from the explained row.

    A `dataset` with a dot is a table of the warehouse; without a dot it is a delivered dataset.
    """

    entity: str
    dataset: str
    fields: list[str]
    topics: list[str]
    keys: list[str]
    made_of: list[str]
    month_column: str | None
    note: str | None

    @property
    def is_delivered(self) -> bool:
        """Whether the line is about delivered rows, not about rows of our tables."""
        return bool(self.dataset) and "." not in self.dataset


def lines_of(connection: duckdb.DuckDBPyConnection, cell: Cell) -> list[Line]:
    """The lines of a cell's column, or the table's `*` lines if the column has none."""
    found = connection.execute(
        """
        select
            column_name, entity, dataset, fields, topic, keys, applies_where, made_of,
            month_column, note
        from warehouse.reference.ref_lineage
        where table_name = ? and column_name in (?, '*')
        qualify column_name <> '*' or not bool_or(column_name <> '*') over ()
        """,
        [cell.table, cell.column],
    ).fetchall()
    facts = _facts(connection, cell)
    lines = []
    for column, entity, dataset, fields, topic, keys, where, made_of, month, note in found:
        if not all(facts.get(name) == value for name, value in _pairs(where)):
            continue
        # a number counts itself; only the other columns are made of the numbers
        itself = not made_of or (column == ANY and cell.is_number)
        lines.append(
            Line(
                entity, _filled(dataset, facts), _filled(fields, facts).split(),
                [name for name in _filled(topic, facts).split() if name != ANY],
                _filled(keys, facts).split(), [cell.column] if itself else made_of.split(),
                month, note,
            )
        )  # fmt: skip
    return lines


def _facts(connection: duckdb.DuckDBPyConnection, cell: Cell) -> dict[str, str]:
    """The row's own values and, if the row is about a need, the need's name."""
    facts = {name: str(value) for name, value in cell.row.items() if value is not None}
    if "need_code" in facts:
        named = connection.execute(
            "select need from warehouse.reference.ref_needs where need_code::varchar = ?",
            [facts["need_code"]],
        ).fetchone()
        facts |= {"need": named[0]} if named else {}
    return facts


def _pairs(text: str | None) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (p.partition("=") for p in (text or "").split())]


def _filled(text: str | None, facts: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: facts.get(found[1], ANY), text or "")
