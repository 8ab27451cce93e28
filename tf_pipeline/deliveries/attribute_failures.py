"""Finds the deliveries whose rows make a staging gate fail.

Belongs here: evaluating the gate on each authority's rows.
Does not belong here: reverting a delivery (`revert.py`), the gate itself (`quality`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from tf_pipeline.naming import suite_name
from tf_pipeline.quality.gate import run_gate
from tf_pipeline.quality.gate_result import GateResult, RuleResult
from tf_pipeline.quality.table_gates import table_frame
from tf_pipeline.vocabulary import GateOutcome, Severity


@dataclass(frozen=True)
class Attribution:
    """A critical rule of one table that an authority's own rows fail."""

    table: str
    rule: RuleResult

    @property
    def dataset(self) -> str:
        """The dataset of a delivery that the table is made of, `needs` of `stg_needs`."""
        return self.table.split("_", 1)[-1]


def attribute_failures(
    connection: duckdb.DuckDBPyConnection,
    month: str,
    gates: Sequence[tuple[list[str], GateResult]],
) -> dict[str, list[Attribution]]:
    """Authority → the rules that its rows of the month fail; `gates` are failed gates by table key.

    Empty if these rows do not explain every failure, if a gate could not run, if the rows are of an
    earlier month, or if every authority's rows fail. The program, a rule or reference data is then
    wrong, and no delivery is held.
    """
    found: dict[str, list[Attribution]] = {}
    for key, gate in gates:
        failed = {
            rule.expectation_id for rule in gate.failed_rules if rule.severity is Severity.CRITICAL
        }
        of_table = _of_table(connection, key, month, failed)
        if gate.outcome is not GateOutcome.FAILED or failed - {
            one.rule.expectation_id for attributions in of_table.values() for one in attributions
        }:
            return {}
        for authority, attributions in of_table.items():
            found.setdefault(authority, []).extend(attributions)
    current = _current_months(connection, month)
    are_of_the_month = all(current.get(authority) == month for authority in found)
    return found if are_of_the_month and set(found) != set(current) else {}


def _of_table(
    connection: duckdb.DuckDBPyConnection, key: list[str], month: str, failed: set[str]
) -> Mapping[str, list[Attribution]]:
    frame = table_frame(connection, key, month, also=("authority", "row_number"))
    if "authority" not in frame.columns or frame["authority"].has_nulls():
        return {}
    found = {}
    for (authority,), rows in frame.group_by("authority", maintain_order=True):
        own = run_gate(suite_name(key), {"": rows})
        attributions = [
            Attribution(key[-1], rule) for rule in own.failed_rules if rule.expectation_id in failed
        ]
        if attributions:
            found[str(authority)] = attributions
    return found


def _current_months(connection: duckdb.DuckDBPyConnection, month: str) -> dict[str, str]:
    return dict(
        connection.execute(
            "select authority, max(month) from raw.accepted where month <= ? group by authority",
            [month],
        ).fetchall()
    )
