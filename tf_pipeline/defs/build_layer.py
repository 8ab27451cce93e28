"""Builds a layer with dbt, gates it, and goes on without a delivery that alone shuts a gate.

Belongs here: the order of those steps. Does not belong here: what the assets are
(`dbt_layers.py`), whose rows shut a gate (`blame.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
import duckdb

from tf_pipeline.authorities.rulebook import check_rules
from tf_pipeline.defs import progress
from tf_pipeline.defs.gating import check_result, is_open, show, taken_back_check
from tf_pipeline.problems import OwnProblem
from tf_pipeline.quality.gate import GateResult

# the layer that holds one month, and those that are built from it
STAGING, ON_STAGING = "staging", ("intermediate", "marts")


class OtherMonth(OwnProblem):
    """What lies in staging is of another month than the one that is built from it."""


@dataclass(frozen=True)
class Built:
    """A layer's tables, each after those it is built from, their gates and facts.

    asked: the gates that were asked now; the others said it before. failures: rows a test fails.
    """

    keys: list[list[str]]
    gates: list[GateResult]
    asked: list[GateResult]
    metadata: list[dict[str, Any]]
    failures: dict[str, int]

    @property
    def shut(self) -> list[str]:
        """What stops the layer, in words."""
        return [
            *(f"{gate.suite} ({gate.outcome.value})" for gate in self.gates if not is_open(gate)),
            *(f"{test} ({failed} rows)" for test, failed in self.failures.items() if failed),
        ]


def build_and_gate(
    name: str,
    keys: list[list[str]],
    month: str,
    is_seeds: bool,
    tests: Mapping[str, dg.AssetCheckSpec],
    instance: dg.DagsterInstance | None = None,
    run: str = "",
    again: bool = False,
) -> Iterator:
    """Builds tables with dbt, gates each, runs the facts across tables; stops where one fails.

    A table is built, and a gate or fact asked, where what it rests on has changed since; with
    `again` all are. `run` is the Dagster run's id.
    A delivery whose rows alone shut a gate of staging is taken back, and staging built without it.
    Raises RuleProblem before any reference table is touched where a seed does not hold, and
    OtherMonth where what a layer is built from is not of its month.
    """
    from tf_pipeline.warehouse.connect import writer
    from tf_pipeline.warehouse.lock import write_lock

    if is_seeds:
        check_rules()
    by_name = {key[-1]: key for key in keys}
    with write_lock(f"building {name} {month}"):
        with writer(f"setting the month of {name}") as connection:
            _set_month(connection, name, month)
        built = _build(name, by_name, month, is_seeds, tests, run, again)
        if built.shut and name == STAGING and _took_back(built, month, instance):
            built = _build(name, by_name, month, is_seeds, tests, run, again)
    show(built.asked, month)
    for key, gate in zip(built.keys, built.gates, strict=True):
        yield check_result(key, gate)
    for test, failed in built.failures.items():
        yield dg.AssetCheckResult(
            asset_key=tests[test].asset_key,
            check_name=test,
            passed=failed == 0,
            metadata={"rows_failing": failed},
        )
    if built.shut:
        # a layer passes as a whole: none of its tables counts as made
        raise dg.Failure(
            f"Gate shut on {', '.join(built.shut)}: nothing after {name} is built or published.",
            allow_retries=False,
        )
    for key, facts in zip(built.keys, built.metadata, strict=True):
        yield dg.MaterializeResult(asset_key=dg.AssetKey(key), metadata=facts)


def _build(
    name: str,
    by_name: Mapping[str, list[str]],
    month: str,
    is_seeds: bool,
    tests: Mapping[str, dg.AssetCheckSpec],
    run: str,
    again: bool,
) -> Built:
    from tf_pipeline.defs.dbt_runner import invoke, run_tests
    from tf_pipeline.defs.seeded import seed_where_changed
    from tf_pipeline.defs.up_to_date import Layer
    from tf_pipeline.defs.warehouse_gates import gate_tables
    from tf_pipeline.warehouse.connect import writer
    from tf_pipeline.warehouse.gates import record_fact

    layer = Layer(by_name, tests, month, run)
    if is_seeds:
        progress.report(f"{name}: building {len(by_name)} tables")
        # a seed whose columns have changed since the warehouse was made is made anew
        seed_where_changed(by_name, lambda: invoke("seed", "--full-refresh", "--select", *by_name))
    with writer(f"looking what has changed for {name}") as connection:
        changed = {*by_name, *tests} if again else layer.changed(connection)
    while not is_seeds and (to_build := sorted(by_name.keys() & changed)):
        some = f"{len(to_build)} of " * (len(to_build) < len(by_name))
        progress.report(f"{name}: building {some}{len(by_name)} tables")
        invoke("run", "--select", *to_build)
        with writer(f"looking what has changed in {name}") as connection:
            layer.have_built(connection, to_build)
            # a table that came out as it was leaves what is built from it alone
            changed = layer.changed(connection) | ({*tests} if again else set())
    ordered = layer.in_order()
    keys = [by_name[table] for table in ordered]
    with writer(f"gating {name}") as connection:
        kept = {} if again else layer.gates_kept(connection)
        to_ask = [table for table in ordered if table not in kept]
        progress.report(f"{name}: gating {len(by_name)} tables")
        asked = gate_tables(connection, [by_name[table] for table in to_ask], month, name)
        metadata = tables_metadata(connection, keys, month)
    to_run = [test for test in tests if test in changed]
    failures = dict.fromkeys(tests, 0) | (run_tests(to_run) if to_run else {})
    gates = kept | dict(zip(to_ask, asked, strict=True))
    with writer(f"recording facts across {name}") as connection:
        for test, failed in failures.items():
            record_fact(connection, month, name, test, failed)
        layer.keep(connection, gates, [test for test, failed in failures.items() if not failed])
    return Built(keys, [gates[table] for table in ordered], asked, metadata, failures)


def _took_back(built: Built, month: str, instance: dg.DagsterInstance | None) -> bool:
    """Takes back the deliveries whose rows alone shut the gates; False where that is not the cause.

    A lead sees it at the delivery's own check, too.
    """
    from tf_pipeline.defs.blame import blamed
    from tf_pipeline.defs.take_back import take_back
    from tf_pipeline.warehouse.connect import reader
    from tf_pipeline.warehouse.landed_files import LandingDamaged

    if any(built.failures.values()):
        return False
    shut = [
        (key, gate) for key, gate in zip(built.keys, built.gates, strict=True) if not is_open(gate)
    ]
    with reader("finding out whose rows shut a gate") as connection:
        blames = blamed(connection, month, shut) if connection else {}
    for authority, of_authority in blames.items():
        try:
            taken = take_back(authority, month, of_authority)
        except LandingDamaged as error:
            progress.report(f"{authority}: {error}")
            return False
        progress.report(f"{authority}: held, {taken.reason}")
        if instance:
            instance.report_runless_asset_event(taken_back_check(authority, month, taken.reason))
    return bool(blames)


def _set_month(connection, name: str, month: str) -> None:
    """Staging takes up a month; what is built on it must be of the same.

    Raises OtherMonth, before anything is built, where it is not: a run taken up again from the
    middle, after a load of another month, would mix the two.
    """
    if name == STAGING:
        connection.execute("delete from ops.control")
        connection.execute("insert into ops.control values (?)", [month])
    elif name in ON_STAGING:
        held = [row[0] for row in connection.execute("select month from ops.control").fetchall()]
        if held != [month]:
            raise OtherMonth(
                f"staging holds {held[0] if held else 'no month'}, not {month}: "
                "build the whole month, from its staging on"
            )


def tables_metadata(
    connection: duckdb.DuckDBPyConnection, keys: Sequence[list[str]], month: str
) -> list[dict[str, Any]]:
    """Row count (of the month, where history is kept) and column schema of each table."""
    columns: dict[tuple[str, str], list[list]] = {}
    for schema, table, *column in connection.execute(
        "select schema_name, table_name, column_name, data_type, comment from duckdb_columns() "
        "where database_name = current_database() order by column_index"
    ).fetchall():
        columns.setdefault((schema, table), []).append(column)
    found = []
    for schema, name in keys:
        of_table = columns.get((schema, name), [])
        of_month = " where month = $month" if any(c[0] == "month" for c in of_table) else ""
        counted = connection.execute(
            f'select count(*) from "{schema}"."{name}"{of_month}',
            {"month": month} if of_month else {},
        )
        found.append(
            {
                "dagster/row_count": counted.fetchall()[0][0],
                "dagster/table_name": f"{schema}.{name}",
                "dagster/column_schema": dg.TableSchema(
                    [dg.TableColumn(c[0], c[1], description=c[2]) for c in of_table]
                ),
            }
        )
    return found
