"""Evaluates the rules of a suite with a few set operations each, without Great Expectations.

Belongs here: which rules are answered, and how. Great Expectations is the reference: every type
is compared with it in tests. A rule that is not understood here, or that does not hold, gets no
answer, and `gate.py` asks Great Expectations.
Does not belong here: a rule (`value_rules.py`, `row_rules.py`, `column_rules.py`), a verdict that
stops anything.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl

from tf_pipeline.quality.column_rules import COLUMN_RULES
from tf_pipeline.quality.expectation import Answer, row_numbers
from tf_pipeline.quality.limits import holds
from tf_pipeline.quality.row_conditions import rows_meeting
from tf_pipeline.quality.row_rules import ROW_RULES
from tf_pipeline.quality.rule_columns import Columns, NotUnderstood
from tf_pipeline.quality.value_rules import VALUE_RULES

COUNTED_RULES = VALUE_RULES | ROW_RULES


def answers(
    expectations: Sequence[Mapping[str, Any]], table: pl.DataFrame, values: Mapping[str, object]
) -> dict[str, Answer]:
    """Answers by expectation id, for the rules that are understood here and pass.

    `values` fill the suite's parameters. Every answer has `passed` True.
    """
    whole = Columns(table)
    under_condition: dict[str, Columns] = {}
    passed: dict[str, Answer] = {}
    for expectation in expectations:
        try:
            kwargs = _filled(expectation["kwargs"], values)
            rows = whole
            if condition := kwargs.pop("row_condition", None):
                key = json.dumps(condition, sort_keys=True)
                if key not in under_condition:
                    under_condition[key] = Columns(table.filter(rows_meeting(condition, whole)))
                rows = under_condition[key]
            answer = _answer(expectation["type"], kwargs, rows)
        except Exception:
            # not understood, or an error in Polars: Great Expectations evaluates the rule
            continue
        if answer is not None:
            passed[expectation["id"]] = answer
    return passed


def _answer(kind: str, kwargs: Mapping[str, Any], rows: Columns) -> Answer | None:
    """The answer where a rule holds; None where it does not."""
    if kind in COLUMN_RULES:
        arguments, check = COLUMN_RULES[kind]
        _only(kwargs, arguments)
        return check(rows, kwargs)
    if kind not in COUNTED_RULES:
        raise NotUnderstood
    arguments, count = COUNTED_RULES[kind]
    _only(kwargs, {*arguments, "mostly"})
    mostly = {"mostly": kwargs["mostly"]} if kwargs.get("mostly") is not None else {}
    counted = count(rows, kwargs)
    # None if `mostly` is not a share: Great Expectations reports it
    if holds(kind, mostly, counted.checked, counted.failed, None) is not True:
        return None
    numbers = row_numbers(rows.table.filter(counted.failing())) if counted.failed else ()
    return Answer(passed=True, checked=counted.checked, failed=counted.failed, rows=numbers)


def _filled(kwargs: Mapping[str, Any], values: Mapping[str, object]) -> dict[str, Any]:
    return {
        name: values[value["$PARAMETER"]]
        if isinstance(value, dict) and "$PARAMETER" in value
        else value
        for name, value in kwargs.items()
    }


def _only(kwargs: Mapping[str, Any], arguments: Collection[str]) -> None:
    if not kwargs.keys() <= set(arguments):
        raise NotUnderstood
