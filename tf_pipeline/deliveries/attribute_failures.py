"""Finds the deliveries whose rows shut a gate of staging.

Belongs here: asking the gate again without an authority's rows.
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
    """One critical rule of one table that an authority's own rows do not keep."""

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
    """Authority → the rules its rows of the month shut, of shut gates by table key.

    Empty where that does not explain all that failed, where a gate could not run, where rows are
    older than the month or are everybody's: then the program, a rule or reference data is at fault,
    and no delivery is held for it.
    """
    found: dict[str, list[Attribution]] = {}
    for key, gate in gates:
        broken = {
            rule.expectation_id for rule in gate.failed_rules if rule.severity is Severity.CRITICAL
        }
        of_table = _of_table(connection, key, month, broken)
        if gate.outcome is not GateOutcome.FAILED or broken - {
            one.rule.expectation_id for blames in of_table.values() for one in blames
        }:
            return {}
        for authority, blames in of_table.items():
            found.setdefault(authority, []).extend(blames)
    standing = _standing(connection, month)
    are_of_the_month = all(standing.get(authority) == month for authority in found)
    return found if are_of_the_month and set(found) != set(standing) else {}


def _of_table(
    connection: duckdb.DuckDBPyConnection, key: list[str], month: str, broken: set[str]
) -> Mapping[str, list[Attribution]]:
    frame = table_frame(connection, key, month, also=("authority", "row_number"))
    if "authority" not in frame.columns or frame["authority"].has_nulls():
        return {}
    found = {}
    for (authority,), rows in frame.group_by("authority", maintain_order=True):
        own = run_gate(suite_name(key), {"": rows})
        blames = [
            Attribution(key[-1], rule) for rule in own.failed_rules if rule.expectation_id in broken
        ]
        if blames:
            found[str(authority)] = blames
    return found


def _standing(connection: duckdb.DuckDBPyConnection, month: str) -> dict[str, str]:
    return dict(
        connection.execute(
            "select authority, max(month) from raw.accepted where month <= ? group by authority",
            [month],
        ).fetchall()
    )
