"""The register of gates: which gates ran for a month, with counts by rule; no values."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import duckdb
import polars as pl

from tf_pipeline.warehouse.transaction import at_once

KEPT = {
    "expectation_id": pl.String,
    "dataset": pl.String,
    "rule": pl.String,
    "column": pl.String,
    "name": pl.String,
    "severity": pl.String,
    "checked": pl.Int64,
    "failed": pl.Int64,
    "observed": pl.Float64,
    "passed": pl.Boolean,
    "problem": pl.String,
    "limits": pl.String,
    "given": pl.String,
    "question": pl.String,
}


class GateCounts(Protocol):
    """The parts of a gate's result that the register stores."""

    @property
    def suite(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def rules(self) -> tuple: ...
    @property
    def failed_rules(self) -> tuple: ...
    @property
    def in_short(self) -> str | None: ...
    @property
    def rows(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    def to_records(self) -> list[dict[str, Any]]: ...


@dataclass(frozen=True)
class StoredGate:
    """A gate's last result for a month; `rules` are its rows in `ops.gate_rules`, in order."""

    month: str
    gate: str
    layer: str
    authority: str
    outcome: str
    rules: list[dict[str, Any]]


def forget_gate(connection: duckdb.DuckDBPyConnection, month: str, gate: str) -> None:
    """Deletes the stored result of a gate that was not evaluated in this run."""
    with at_once(connection):
        _forget(connection, month, gate)


def record_fact(
    connection: duckdb.DuckDBPyConnection, month: str, layer: str, name: str, failing: int
) -> None:
    """Stores a failed test across tables with its failing rows; deletes a test that passes."""
    forget_gate(connection, month, name)
    if failing:
        connection.execute(
            "insert into ops.gates values (?, ?, ?, 'gm', 'failed', 1, 1, null, ?, null, now())",
            [month, name, layer, f"{name} ({failing} rows)"],
        )


def record_gate(
    connection: duckdb.DuckDBPyConnection, month: str, layer: str, authority: str, gate: GateCounts
) -> None:
    """Stores the last result of a gate for a month and its counts by rule, in one transaction."""
    record_gates(connection, month, layer, [(authority, gate)])


def record_gates(
    connection: duckdb.DuckDBPyConnection,
    month: str,
    layer: str,
    gates: Sequence[tuple[str, GateCounts]],
) -> None:
    """The same for several gates of a layer, each with its authority, in one transaction."""
    frames = [_counts(gate, authority) for authority, gate in gates]
    if not frames:
        return
    rules = pl.concat(frames)  # noqa: F841
    with at_once(connection):
        for authority, gate in gates:
            _forget(connection, month, gate.suite)
            connection.execute(
                "insert into ops.gates values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, now())",
                [
                    month, gate.suite, layer, authority, str(gate.outcome), len(gate.rules),
                    len(gate.failed_rules), gate.rows, gate.in_short, round(gate.seconds, 3),
                ],
            )  # fmt: skip
        connection.execute(
            "insert into ops.gate_rules by name select $1 as month, $2 as layer, "
            'rules.* exclude ("column"), "column" as column_name, now() as judged_at from rules',
            [month, layer],
        )


def _counts(gate: GateCounts, authority: str) -> pl.DataFrame:
    """One row per rule, in the order of the suite."""
    records = [
        {name: record[name] for name in KEPT}
        | {name: json.dumps(record[name]) for name in ("limits", "given")}
        for record in gate.to_records()
    ]
    return (
        pl.DataFrame(records, KEPT)
        .with_row_index("position", 1)
        .with_columns(gate=pl.lit(gate.suite), authority=pl.lit(authority))
    )


def stored_gates(connection: duckdb.DuckDBPyConnection) -> list[StoredGate]:
    """Every stored gate, in the order in which they ran; empty if there is no register.

    Gates stored by an older version have no rules.
    """
    there = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'ops'"
    ).fetchall()
    if ("gates",) not in there:
        return []
    rules: dict[tuple[str, str], list[dict[str, Any]]] = {}
    if ("gate_rules",) in there:
        found = connection.execute(
            'select month, gate, column_name as "column", * exclude (month, gate, layer, '
            "authority, column_name, judged_at) from ops.gate_rules order by position"
        ).pl()
        for row in found.iter_rows(named=True):
            of = rules.setdefault((row.pop("month"), row.pop("gate")), [])
            of.append(row | {name: json.loads(row[name]) for name in ("limits", "given")})
    gates = connection.execute(
        "select month, gate, layer, authority, outcome from ops.gates order by month, ran_at, gate"
    ).fetchall()
    return [
        StoredGate(month, gate, layer, authority, outcome, rules.get((month, gate), []))
        for month, gate, layer, authority, outcome in gates
    ]


def _forget(connection: duckdb.DuckDBPyConnection, month: str, gate: str) -> None:
    for table in ("gates", "gate_rules"):
        connection.execute(f"delete from ops.{table} where month = ? and gate = ?", [month, gate])
