"""The last gate: it checks the finished file before anybody else can open it."""

from collections.abc import Sequence

import duckdb
import polars as pl

from tf_pipeline.naming import suite_name
from tf_pipeline.quality.gate import run_gate
from tf_pipeline.quality.gate_result import GateResult
from tf_pipeline.vocabulary import GateOutcome
from tf_pipeline.warehouse.connect import writer
from tf_pipeline.warehouse.gate_records import forget_gate, record_gate

SUITE = suite_name(["published", "gm_baseline"])
SHARED_SUITE = suite_name(["published", "gm_shared"])


class ReleaseRefused(Exception):
    """The gate did not pass; nothing was published."""


class ReleaseGate:
    """Validates the open file of a release; keeps the results for the asset check."""

    def __init__(self, month: str) -> None:
        self.month = month
        self.results: list[GateResult] = []

    def __call__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Raises ReleaseRefused unless every critical rule holds."""
        columns = connection.execute(
            """
            select columns.table_name, columns.column_name, columns.data_type,
                columns.comment as description,
                tables.estimated_size as table_rows
            from duckdb_columns() as columns
            inner join duckdb_tables() as tables using (database_name, schema_name, table_name)
            where columns.schema_name = 'gm' and database_name = current_database()
            """
        ).pl()
        self.results = [
            run_gate(
                SUITE,
                {
                    "columns": columns,
                    "families": _month(connection, "families", self.month),
                    "people": _month(connection, "people", self.month),
                    "deliveries": _month(connection, "deliveries", self.month),
                    "work_list": _month(connection, "work_list", self.month),
                    "texts": _texts(connection, "gm", columns),
                },
            ),
            run_gate(SHARED_SUITE, shared_frames(connection, "shared")),
        ]
        if any(r.outcome in (GateOutcome.FAILED, GateOutcome.COULD_NOT_RUN) for r in self.results):
            raise ReleaseRefused
        for result in self.results:
            connection.execute(
                """
                insert into gm.gates by name
                select $month as month, $gate as gate, 'publication' as layer, 'gm' as authority,
                    $outcome as outcome, $rules as rules, $rules_failed as rules_failed,
                    $rows_checked as rows_checked, $failed_rules as failed_rules,
                    $seconds as seconds, now() as ran_at
                """,
                {
                    "month": self.month,
                    "gate": result.suite,
                    "outcome": result.outcome.value,
                    "rules": len(result.rules),
                    "rules_failed": len(result.failed_rules),
                    "rows_checked": result.rows,
                    "failed_rules": result.in_short,
                    "seconds": round(result.seconds, 3),
                },
            )


def record_release(month: str, results: Sequence[GateResult]) -> None:
    """Stores the results of the release's gates in the warehouse, published or not.

    Replaces the results of the month's earlier release, because a release copies what is stored.
    """
    with writer(f"recording the gates of the release of {month}") as connection:
        for suite in (SUITE, SHARED_SUITE):
            forget_gate(connection, month, suite)
        for result in results:
            record_gate(connection, month, "publication", "gm", result)


def _month(connection: duckdb.DuckDBPyConnection, table: str, month: str):
    return connection.execute(f"select * from gm.{table} where month = ?", [month]).pl()


def shared_frames(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, pl.DataFrame]:
    """The frames for the suite of the shared file: columns, counts other than zero, and texts."""
    from tf_pipeline.releases.shared import SHARED, counts_of

    schema = f"{catalog}.{SHARED}"
    columns = connection.execute(
        "select table_name, column_name, data_type, comment as description "
        "from duckdb_columns() where database_name = ? and schema_name = ?",
        [catalog, SHARED],
    ).pl()
    counts = [
        f"""select abs("{column}")::bigint as count, threshold from {schema}.{table}
        inner join {schema}.suppression using (month)
        where "{column}" <> 0 and suppression.table_name = '{table}'"""
        for table, column in columns.select("table_name", "column_name").iter_rows()
        if column in counts_of(connection, table)
    ]
    return {
        "columns": columns,
        "counts": connection.execute(" union all ".join(counts)).pl(),
        "texts": _texts(connection, schema, columns),
        "suppression": connection.execute(f"select * from {schema}.suppression").pl(),
    }


def _texts(
    connection: duckdb.DuckDBPyConnection, schema: str, columns: pl.DataFrame
) -> pl.DataFrame:
    """Every text of a schema that is not a pseudonym, once per column.

    Leaves out the table `releases`: its texts are ours and grow with each release, and the
    number of rows of a gate must not.
    """
    found = columns.filter(
        (pl.col("data_type") == "VARCHAR")
        & ~pl.col("column_name").str.ends_with("_key")
        & (pl.col("table_name") != "releases")
    )
    return connection.execute(
        " union all ".join(
            f'select distinct "{column}" as text from {schema}.{table}'
            for table, column in found.select("table_name", "column_name").iter_rows()
        )
    ).pl()
