"""The gate: evaluates a suite on tables; its result has counts and row numbers.

Belongs here: how rules give the result of a gate, and the order of the steps.
Does not belong here: evaluating a rule (`set_based.py`, then `gx_adapter.py`), and the
consequences of a failed gate.
"""

import os
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl

from tf_pipeline.quality import set_based
from tf_pipeline.quality.expectation import Answer, columns_of, named_columns, needs_its_columns
from tf_pipeline.quality.gate_result import ABSENT, GateResult, RuleResult
from tf_pipeline.quality.limits import limits, numbers_given, question
from tf_pipeline.quality.suites import arguments_to_show, read_suite, used_parameters
from tf_pipeline.vocabulary import GateOutcome, Severity

# the key of the one table of a suite that names no datasets
ONLY_TABLE = ""
# "gx": Great Expectations evaluates every rule, also those that hold by set operations
ENGINE, GX = "TF_GATES", "gx"
# row numbers in a rule's result: enough to find the fault, too few to rebuild a column
ROWS_SHOWN = 5


def run_gate(
    suite: str,
    batches: Mapping[str, pl.DataFrame],
    parameters: Mapping[str, object] | None = None,
    not_asked: Mapping[str, Collection[str]] | None = None,
    month: str | None = None,
) -> GateResult:
    """Evaluate a suite on its tables and return what it found.

    An expectation with `meta.dataset` is evaluated on the table of that key, any other on the key
    "" or the only table. If its table is absent, a rule could not run, or, with `meta.optional`,
    does not apply. `parameters` fill the suite's `$PARAMETER` arguments, and win over the defaults
    in its `suite_parameters`; the rules that use a parameter given as None do not apply.
    A column that is absent fails every rule on it. `not_asked` names, by dataset, columns that are
    not in force this month: rules on them do not apply. `month` decides which overrides a
    delivery's suite has. Raises SuiteProblem for an unusable suite.
    """
    started = time.perf_counter()
    definition = read_suite(suite, month)
    given = parameters or {}
    defaults = definition.get("suite_parameters") or {}
    values = {**defaults, **given}
    answers: dict[str, Answer] = {}
    waiting: dict[str, list[dict[str, Any]]] = {}
    for expectation in definition["expectations"]:
        key = _table_of(expectation, batches)
        answer = _before_running(expectation, key, batches, values, not_asked or {})
        if answer is None and key is not None:
            waiting.setdefault(key, []).append(expectation)
        elif answer is not None:
            answers[expectation["id"]] = answer
    if os.environ.get(ENGINE) != GX:
        for key, expectations in waiting.items():
            answers |= set_based.answers(expectations, batches[key], values)
    answers |= _asked_of_gx(definition, waiting, batches, values, answers)
    rules = tuple(
        rule_result(expectation, answers[expectation["id"]], defaults, given)
        for expectation in definition["expectations"]
    )
    return GateResult(
        suite=suite,
        outcome=decide(rules),
        rows=sum(batch.height for batch in batches.values()),
        rules=rules,
        seconds=time.perf_counter() - started,
        asked={e["id"]: arguments_to_show(e, values) for e in definition["expectations"]},
    )


def _asked_of_gx(
    definition: Mapping[str, Any],
    waiting: Mapping[str, Sequence[Mapping[str, Any]]],
    batches: Mapping[str, pl.DataFrame],
    values: Mapping[str, object],
    known: Collection[str],
) -> dict[str, Answer]:
    """Great Expectations' answers to the rules without one, so it decides every refusal."""
    left = {
        key: [rule for rule in expectations if rule["id"] not in known]
        for key, expectations in waiting.items()
    }
    answers: dict[str, Answer] = {}
    if any(left.values()):
        from tf_pipeline.quality import gx_adapter

        gx_adapter.prepare(definition)
        for key, expectations in left.items():
            if expectations:
                answers |= gx_adapter.validate(expectations, batches[key], values)
    return answers


def decide(rules: Sequence[RuleResult]) -> GateOutcome:
    """The outcome of a gate: the worst of could not run, failed, passed with failures, passed."""
    if any(rule.could_not_run for rule in rules):
        return GateOutcome.COULD_NOT_RUN
    if any(rule.passed is False and rule.severity is Severity.CRITICAL for rule in rules):
        return GateOutcome.FAILED
    if any(rule.passed is False or rule.failed for rule in rules):
        return GateOutcome.PASSED_WITH_FAILURES
    return GateOutcome.PASSED


def _table_of(expectation: Mapping[str, Any], batches: Mapping[str, pl.DataFrame]) -> str | None:
    dataset = expectation["meta"].get("dataset")
    if dataset is not None:
        return dataset if dataset in batches else None
    if ONLY_TABLE in batches:
        return ONLY_TABLE
    return next(iter(batches)) if len(batches) == 1 else None


def _before_running(
    expectation: Mapping[str, Any],
    key: str | None,
    batches: Mapping[str, pl.DataFrame],
    values: Mapping[str, object],
    not_asked: Mapping[str, Collection[str]],
) -> Answer | None:
    """The answer that needs no evaluation: not in force, no table, no parameter, no column."""
    dataset = expectation["meta"].get("dataset", ONLY_TABLE)
    if not set(columns_of(expectation)).isdisjoint(not_asked.get(dataset, ())):
        return Answer(passed=None)
    if key is None:
        optional = expectation["meta"].get("optional") is True
        return Answer(passed=None, problem=None if optional else "MissingTable")
    needed = used_parameters(expectation).values()
    if any(name not in values for name in needed):
        return Answer(passed=None, problem="MissingParameter")
    if any(values[name] is None for name in needed):
        return Answer(passed=None)
    missing = set(columns_of(expectation)) - set(batches[key].columns)
    if missing and needs_its_columns(expectation["type"]):
        return Answer(passed=False, problem=ABSENT)
    return None


def rule_result(
    expectation: Mapping[str, Any],
    answer: Answer,
    defaults: Mapping[str, object],
    given: Mapping[str, object],
) -> RuleResult:
    """An expectation together with its answer; `given` are the caller's parameters."""
    columns = ", ".join(named_columns(expectation))
    asked = limits(expectation, {**defaults, **given})
    mostly = asked.get("mostly")
    return RuleResult(
        rule=f"{expectation['type']}({columns})",
        dataset=expectation["meta"].get("dataset"),
        column=columns or None,
        severity=Severity(expectation["severity"]),
        why=expectation["meta"]["why"],
        passed=answer.passed,
        checked=answer.checked,
        failed=answer.failed,
        threshold=mostly if isinstance(mostly, int | float) else None,
        observed=answer.observed,
        rows=answer.rows[:ROWS_SHOWN],
        problem=answer.problem,
        expectation_id=expectation["id"],
        name=expectation["meta"].get("rule", ""),
        question=question(expectation, defaults),
        limits=asked,
        given=numbers_given(expectation, given),
    )
