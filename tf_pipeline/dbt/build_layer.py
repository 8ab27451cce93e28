"""Builds one layer with dbt and runs its gates, by default only for what has changed.

Belongs here: the order of these steps. Does not belong here: the assets (`defs`), whose rows fail
a gate (`deliveries/attribute_failures.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import duckdb

from tf_pipeline import progress
from tf_pipeline.dbt.runner import invoke, run_tests
from tf_pipeline.dbt.seeded import seed_where_changed
from tf_pipeline.dbt.up_to_date import Layer
from tf_pipeline.errors import UserFacingError
from tf_pipeline.quality.gate_result import GateResult
from tf_pipeline.quality.table_gates import gate_tables
from tf_pipeline.warehouse.connect import reader, writer
from tf_pipeline.warehouse.gate_records import record_fact

# the layer that holds one month, and the layers built from it
STAGING, ON_STAGING = "staging", ("intermediate", "marts")


class OtherMonth(UserFacingError):
    """Staging holds a different month from the one to build."""


class Column(NamedTuple):
    """A column of a table as the warehouse describes it."""

    name: str
    data_type: str
    comment: str | None


@dataclass(frozen=True)
class TableFacts:
    """A built table: its address, number of rows (of the month if it keeps history), columns."""

    schema: str
    name: str
    rows: int
    columns: Sequence[Column]


@dataclass(frozen=True)
class BuiltLayer:
    """A layer's tables in build order, with gates, facts and failed tests.

    asked: the gates that ran in this load; the others are stored results. failures: test → rows.
    """

    keys: list[list[str]]
    gates: list[GateResult]
    asked: list[GateResult]
    facts: list[TableFacts]
    failures: dict[str, int]

    @property
    def shut(self) -> list[str]:
        """What stops the layer, as texts."""
        return [
            *(f"{gate.suite} ({gate.outcome.value})" for gate in self.gates if not gate.is_open),
            *(f"{test} ({failed} rows)" for test, failed in self.failures.items() if failed),
        ]


def build_layer(
    name: str,
    tables: Mapping[str, list[str]],
    month: str,
    is_seeds: bool,
    tests: Sequence[str],
    run: str,
    again: bool,
) -> BuiltLayer:
    """Builds the tables of a layer, then runs their gates and the tests across tables.

    `tables` is model or seed → schema and table; `run` is the id of the Dagster run. `again`
    builds and runs everything. The caller holds the write lock.
    """
    layer = Layer(tables, tests, month, run)
    if is_seeds:
        progress.report(f"{name}: building {len(tables)} tables")
        # a full refresh also handles a seed whose columns have changed
        seed_where_changed(tables, lambda: invoke("seed", "--full-refresh", "--select", *tables))
    with reader(f"comparing the inputs of {name}") as connection:
        changed = {*tables, *tests}
        if connection and not again:
            changed = layer.changed(connection)
    while not is_seeds and (to_build := sorted(tables.keys() & changed)):
        some = f"{len(to_build)} of " * (len(to_build) < len(tables))
        progress.report(f"{name}: building {some}{len(tables)} tables")
        invoke("run", "--select", *to_build)
        with reader(f"comparing the tables of {name}") as connection:
            assert connection, "dbt has just built tables in it"
            layer.have_built(connection, to_build)
            # if a table's content did not change, its downstream tables are not built
            changed = layer.changed(connection) | ({*tests} if again else set())
    ordered = layer.in_order()
    keys = [tables[table] for table in ordered]
    with writer(f"running the gates of {name}") as connection:
        kept = {} if again else layer.gates_kept(connection)
        to_ask = [table for table in ordered if table not in kept]
        progress.report(f"{name}: running the gates of {len(tables)} tables")
        asked = gate_tables(connection, [tables[table] for table in to_ask], month, name)
        facts = tables_facts(connection, keys, month)
    to_run = [test for test in tests if test in changed]
    failures = dict.fromkeys(tests, 0) | (run_tests(to_run) if to_run else {})
    gates = kept | dict(zip(to_ask, asked, strict=True))
    with writer(f"recording the tests of {name}") as connection:
        for test, failed in failures.items():
            record_fact(connection, month, name, test, failed)
        layer.keep(connection, gates, [test for test, failed in failures.items() if not failed])
    return BuiltLayer(keys, [gates[table] for table in ordered], asked, facts, failures)


def set_month(connection: duckdb.DuckDBPyConnection, name: str, month: str) -> None:
    """Sets the month of staging; for layers built on it, checks that they have the same month.

    Raises OtherMonth before anything is built if they differ: a run resumed from the middle,
    after a load of another month, would mix the two.
    """
    if name == STAGING:
        connection.execute("delete from ops.control")
        connection.execute("insert into ops.control values (?)", [month])
    elif name in ON_STAGING:
        held = [row[0] for row in connection.execute("select month from ops.control").fetchall()]
        if held != [month]:
            raise OtherMonth(
                f"staging holds {held[0] if held else 'no month'}, not {month}. Build the whole "
                f"month: tf-pipeline load {month}"
            )


def tables_facts(
    connection: duckdb.DuckDBPyConnection, keys: Sequence[Sequence[str]], month: str
) -> list[TableFacts]:
    """Row count and columns of each table."""
    columns: dict[tuple[str, str], list[Column]] = {}
    for schema, table, *column in connection.execute(
        "select schema_name, table_name, column_name, data_type, comment from duckdb_columns() "
        "where database_name = current_database() order by column_index"
    ).fetchall():
        columns.setdefault((schema, table), []).append(Column(*column))
    found = []
    for schema, name in keys:
        of_table = columns.get((schema, name), [])
        of_month = " where month = $month" if any(c.name == "month" for c in of_table) else ""
        counted = connection.execute(
            f'select count(*) from "{schema}"."{name}"{of_month}',
            {"month": month} if of_month else {},
        )
        found.append(TableFacts(schema, name, counted.fetchall()[0][0], of_table))
    return found
