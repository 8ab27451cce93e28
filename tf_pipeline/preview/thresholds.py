"""The outcome of stored gates under the current suites; runs and changes nothing.

Belongs here: a gate before and now, and the effect on its delivery.
Does not belong here: deciding from counts (`quality/redecide.py`), printing (`gates_report.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from tf_pipeline.deliveries.messages import COULD_NOT_RUN, finding_rule, is_echo
from tf_pipeline.deliveries.validate import outcome_of
from tf_pipeline.quality.gate_result import RuleResult
from tf_pipeline.quality.redecide import Redecided, redecide, stored_rule
from tf_pipeline.quality.suites import SuiteProblem, read_suite
from tf_pipeline.vocabulary import GateOutcome, Outcome, Severity
from tf_pipeline.warehouse.gate_records import StoredGate


@dataclass(frozen=True)
class Redecision:
    """A gate's stored result, and its result under the current suite.

    `delivery_before` and `delivery_now` are None for a gate that guards no delivery;
    `delivery_now` is also None if only a load can decide it.
    """

    gate: StoredGate
    found: Redecided
    delivery_before: Outcome | None = None
    delivery_now: Outcome | None = None

    @property
    def must_be_run(self) -> bool:
        """Whether the stored counts are not enough for a decision."""
        is_delivery = self.gate.layer == "delivery"
        return self.found.outcome is None or (is_delivery and self.delivery_now is None)

    @property
    def changes(self) -> bool:
        """Whether the gate or its delivery would or might have another outcome."""
        return (
            self.must_be_run
            or self.found.outcome != self.gate.outcome
            or self.delivery_now != self.delivery_before
        )

    @property
    def is_open(self) -> bool:
        """Whether the gate would let the load continue."""
        return self.found.outcome is not None and self.found.outcome.is_open

    @property
    def opens_or_shuts(self) -> bool:
        """Whether the gate would fail or pass, unlike before."""
        return (
            self.found.outcome is not None
            and self.is_open != GateOutcome(self.gate.outcome).is_open
        )


def redecide_gates(
    connection: duckdb.DuckDBPyConnection, gates: Sequence[StoredGate]
) -> list[Redecision]:
    """Decides every gate again under its current suite.

    Raises SuiteProblem if Great Expectations does not accept a changed suite.
    """
    return [_again(connection, gate) for gate in gates]


def _again(connection: duckdb.DuckDBPyConnection, gate: StoredGate) -> Redecision:
    stored = [stored_rule(record) for record in gate.rules]
    found = _found(gate, stored)
    if gate.layer != "delivery":
        return Redecision(gate, found)
    before = _attempted(connection, gate)
    return Redecision(gate, found, before, _delivery(connection, gate, stored, found, before))


def _found(gate: StoredGate, stored: Sequence[RuleResult]) -> Redecided:
    if not stored:
        return _open("the gate ran before counts were stored")
    try:
        suite = read_suite(gate.gate, gate.month)
    except SuiteProblem as problem:
        return _open(str(problem))
    return redecide(suite, stored)


def _open(why: str) -> Redecided:
    return Redecided(None, (), {"every rule": why}, (), ())


def _attempted(connection: duckdb.DuckDBPyConnection, gate: StoredGate) -> Outcome | None:
    """The outcome of the last attempt at the delivery."""
    found = connection.execute(
        "select arg_max(outcome, attempted_at) from raw.attempts where month = ? and authority = ?",
        [gate.month, gate.authority],
    ).fetchall()
    return Outcome(found[0][0]) if found[0][0] else None


def _delivery(
    connection: duckdb.DuckDBPyConnection,
    gate: StoredGate,
    stored: Sequence[RuleResult],
    found: Redecided,
    before: Outcome | None,
) -> Outcome | None:
    """The delivery's outcome with the gate's rules as now and its other findings unchanged."""
    if found.outcome is None:
        return None
    rows = connection.execute(
        "select distinct rule from raw.findings where month = ? and authority = ? "
        "and severity = 'critical'",
        [gate.month, gate.authority],
    ).fetchall()
    critical = {rule for (rule,) in rows}
    # if the record does not explain the stored outcome, it cannot predict a new one
    if outcome_of(GateOutcome(gate.outcome), critical) is not before:
        return None
    others = critical - _critical_of(stored)
    return outcome_of(found.outcome, others | _critical_of(found.rules))


def _critical_of(rules: Sequence[RuleResult]) -> set[str]:
    """The work list's names of the critical rules that a delivery fails."""
    names = {COULD_NOT_RUN} if any(rule.could_not_run for rule in rules) else set()
    return names | {
        finding_rule(rule)
        for rule in rules
        if rule.passed is False and rule.severity is Severity.CRITICAL and not is_echo(rule)
    }
