"""The register of gates: what ran for a month, with its counts; no values."""

from typing import Protocol

import duckdb


class GateCounts(Protocol):
    """What the register needs of a gate's result."""

    @property
    def suite(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def rules(self) -> tuple: ...
    @property
    def failed_rules(self) -> tuple: ...
    @property
    def rules_with_failures(self) -> tuple: ...
    @property
    def rows(self) -> int: ...
    @property
    def seconds(self) -> float: ...


def forget_gate(connection: duckdb.DuckDBPyConnection, month: str, gate: str) -> None:
    """Removes a gate's earlier result: this time it did not come to be asked."""
    connection.execute("delete from ops.gates where month = ? and gate = ?", [month, gate])


def record_fact(
    connection: duckdb.DuckDBPyConnection, month: str, layer: str, name: str, failing: int
) -> None:
    """Keeps a fact across tables that does not hold, and its failing rows; else forgets it."""
    forget_gate(connection, month, name)
    if failing:
        connection.execute(
            "insert into ops.gates values (?, ?, ?, 'gm', 'failed', 1, 1, null, ?, null, now())",
            [month, name, layer, f"{name} ({failing} rows)"],
        )


def record_gate(
    connection: duckdb.DuckDBPyConnection, month: str, layer: str, authority: str, gate: GateCounts
) -> None:
    """Keeps the last result of a gate for a month."""
    forget_gate(connection, month, gate.suite)
    failed = ", ".join(
        f"{rule.dataset or ''} {rule.rule} ({rule.failed or 1} of {rule.checked or 1})".strip()
        for rule in gate.rules_with_failures
    )
    connection.execute(
        "insert into ops.gates values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, now())",
        [
            month, gate.suite, layer, authority, str(gate.outcome), len(gate.rules),
            len(gate.failed_rules), gate.rows, failed or None, round(gate.seconds, 3),
        ],
    )  # fmt: skip
