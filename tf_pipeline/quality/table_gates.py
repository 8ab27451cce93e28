"""Runs the gate of a warehouse table on the rows just built for the month."""

from collections.abc import Sequence

import duckdb
import polars as pl

from tf_pipeline.naming import suite_name
from tf_pipeline.quality.gate import run_gate
from tf_pipeline.quality.gate_result import GateResult
from tf_pipeline.quality.suites import read_suite
from tf_pipeline.warehouse.gate_records import record_gates


def gate_table(
    connection: duckdb.DuckDBPyConnection, key: list[str], month: str, layer: str
) -> GateResult:
    """Gates one table (key is schema and table) and records the result.

    If the table keeps history, only the rows of the month are evaluated.
    """
    return gate_tables(connection, [key], month, layer)[0]


def gate_tables(
    connection: duckdb.DuckDBPyConnection, keys: Sequence[list[str]], month: str, layer: str
) -> list[GateResult]:
    """The same for several tables of a layer, recorded together."""
    gates = [run_gate(suite_name(key), {"": table_frame(connection, key, month)}) for key in keys]
    record_gates(connection, month, layer, [("gm", gate) for gate in gates])
    return gates


def table_frame(
    connection: duckdb.DuckDBPyConnection, key: list[str], month: str, also: Sequence[str] = ()
) -> pl.DataFrame:
    """The part of a table that a gate reads: the columns of its suite, and existing ones of `also`.

    No other column leaves DuckDB.
    """
    schema, table = key
    described = connection.execute(f'select * from "{schema}"."{table}" limit 0').description
    columns = [column[0] for column in described]
    named = {*_named_columns(suite_name(key)), *also}
    wanted = [column for column in columns if column in named] or columns[:1]
    quoted = ", ".join(f'"{column}"' for column in wanted)
    of_month = " where month = ?" if "month" in columns else ""
    return connection.execute(
        f'select {quoted} from "{schema}"."{table}"{of_month}', [month] if of_month else []
    ).pl()


def _named_columns(suite: str) -> set[str]:
    from tf_pipeline.quality.expectation import columns_of

    return {c for expectation in read_suite(suite)["expectations"] for c in columns_of(expectation)}
