"""Decides a gate again from its stored counts and today's suite; runs and guesses nothing.

Belongs here: which stored count answers a rule, and which rules must run again.
Does not belong here: reading stored counts (`warehouse`), the new outcome of a delivery
(`preview/thresholds.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tf_pipeline.quality.expectation import Answer, named_columns
from tf_pipeline.quality.gate import decide, rule_result
from tf_pipeline.quality.gate_result import ABSENT, RuleResult
from tf_pipeline.quality.limits import NOT_GIVEN, holds, limits, question
from tf_pipeline.vocabulary import GateOutcome, Severity

NO_TABLE = "MissingTable"


@dataclass(frozen=True)
class Redecided:
    """The result of a gate by today's suite; `outcome` is None if a rule must run again.

    `rules` are those that counts decide. `again` is rule → why it must run again. `changed` are
    rules with another result or severity. `dropped` are rules that today's suite does not have.
    """

    outcome: GateOutcome | None
    rules: tuple[RuleResult, ...]
    again: Mapping[str, str]
    changed: tuple[RuleResult, ...]
    dropped: tuple[str, ...]


def redecide(suite: Mapping[str, Any], stored: Sequence[RuleResult]) -> Redecided:
    """Decides every rule of a suite from the stored results of its gate.

    Raises SuiteProblem if Great Expectations does not know a changed type or argument.
    """
    from tf_pipeline.quality.gx_adapter import prepare

    defaults = suite.get("suite_parameters") or {}
    given = {name: value for rule in stored for name, value in rule.given.items()}
    before = {rule.expectation_id: rule for rule in stored}
    rules: list[RuleResult] = []
    changed: list[RuleResult] = []
    again: dict[str, str] = {}
    is_edited = False
    for expectation in suite["expectations"]:
        answer = _answer(expectation, stored, defaults, given)
        was = before.pop(expectation["id"], None)
        if isinstance(answer, str):
            columns = ", ".join(named_columns(expectation))
            dataset = expectation["meta"].get("dataset") or ""
            again[f"{dataset} {expectation['type']}({columns})".strip()] = answer
            is_edited = True
            continue
        now = rule_result(expectation, answer, defaults, given)
        rules.append(now)
        is_edited |= was is None or was.limits != now.limits
        if was is None or (was.passed, was.severity) != (now.passed, now.severity):
            changed.append(now)
    if is_edited:
        prepare(suite)
    return Redecided(
        outcome=None if again else decide(rules),
        rules=tuple(rules),
        again=again,
        changed=tuple(changed),
        dropped=tuple(rule.rule for rule in before.values()),
    )


def stored_rule(record: Mapping[str, Any]) -> RuleResult:
    """A row of the register as a result; its why and its row numbers are not stored."""
    observed = record["observed"]
    if observed is not None and float(observed).is_integer():
        observed = int(observed)
    kept = {name: value for name, value in record.items() if name != "position"}
    kept |= {"severity": Severity(record["severity"]), "observed": observed}
    return RuleResult(**kept, why="", threshold=record["limits"].get("mostly"))


def _answer(
    expectation: Mapping[str, Any],
    stored: Sequence[RuleResult],
    defaults: Mapping[str, object],
    given: Mapping[str, object],
) -> Answer | str:
    """The answer from the counts, found in the order of a gate; or why they decide nothing."""
    asked = question(expectation, defaults)
    same = [rule for rule in stored if rule.question == asked]
    if not same:
        return "the rule is new, or counts something else than before"
    now = limits(expectation, {**defaults, **given})
    # the rule's own result first, then those of other rules with the same question
    same.sort(key=lambda rule: rule.expectation_id != expectation["id"])
    for rule in same:
        if rule.limits == now:
            return _as_stored(rule)
    for rule in same:
        if rule.problem == NO_TABLE or _is_of_no_table_or_time(rule):
            return _as_stored(rule)
    if NOT_GIVEN in now.values():
        return "the value of a parameter was not stored"
    if None in now.values():
        return Answer(passed=None)
    for rule in same:
        if rule.problem == ABSENT:
            return _as_stored(rule)
        numbers = (rule.checked, rule.failed, rule.observed)
        held = holds(expectation["type"], now, *numbers)
        if held is not None:
            return Answer(held, *numbers)
    return "the stored counts cannot decide such a threshold"


def _is_of_no_table_or_time(rule: RuleResult) -> bool:
    """Whether the rule did not apply for a reason that still holds: no parameter was None."""
    return rule.passed is None and rule.problem is None and None not in rule.limits.values()


def _as_stored(rule: RuleResult) -> Answer:
    return Answer(rule.passed, rule.checked, rule.failed, rule.observed, problem=rule.problem)
