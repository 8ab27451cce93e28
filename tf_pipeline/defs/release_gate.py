"""The last gate: the finished file, before anybody else can open it."""

import duckdb

from tf_pipeline.naming import suite_name
from tf_pipeline.quality.gate import GateResult, run_gate
from tf_pipeline.vocabulary import GateOutcome

SUITE = suite_name(["published", "gm_baseline"])


class ReleaseRefused(Exception):
    """The gate did not pass; nothing was published."""


class ReleaseGate:
    """Judges a release: called with its open file; keeps the result for the check."""

    def __init__(self, month: str) -> None:
        self.month = month
        self.result: GateResult

    def __call__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Raises ReleaseRefused unless every critical rule holds."""
        columns = connection.execute(
            """
            select columns.table_name, columns.column_name, columns.comment as description,
                tables.estimated_size as table_rows
            from duckdb_columns() as columns
            inner join duckdb_tables() as tables using (database_name, schema_name, table_name)
            where columns.schema_name = 'gm' and database_name = current_database()
            """
        ).pl()
        self.result = run_gate(
            SUITE,
            {
                "columns": columns,
                "families": _month(connection, "families", self.month),
                "people": _month(connection, "people", self.month),
                "deliveries": _month(connection, "deliveries", self.month),
                "work_list": _month(connection, "work_list", self.month),
            },
        )
        if self.result.outcome in (GateOutcome.FAILED, GateOutcome.COULD_NOT_RUN):
            raise ReleaseRefused
        connection.execute(
            "insert into gm.gates values (?, ?, 'publication', 'gm', ?, ?, ?, ?, ?, ?, now())",
            [
                self.month, SUITE, self.result.outcome.value, len(self.result.rules),
                len(self.result.failed_rules), self.result.rows,
                ", ".join(rule.rule for rule in self.result.failed_rules) or None,
                round(self.result.seconds, 3),
            ],
        )  # fmt: skip


def _month(connection: duckdb.DuckDBPyConnection, table: str, month: str):
    return connection.execute(f"select * from gm.{table} where month = ?", [month]).pl()
