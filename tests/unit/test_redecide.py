"""Stored counts decided again by a changed suite come to what a run of that suite comes to."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from tf_pipeline.preview.thresholds import redecide_gates
from tf_pipeline.quality.gate import run_gate
from tf_pipeline.quality.gate_result import GateResult, RuleResult
from tf_pipeline.quality.redecide import Redecided, redecide, stored_rule
from tf_pipeline.quality.suites import SuiteProblem, read_suite
from tf_pipeline.warehouse.connect import LANDING_SQL
from tf_pipeline.warehouse.gate_records import record_gate, stored_gates

SECRET = "Zzyzxworth"
TABLE = pl.DataFrame(
    {
        "row_number": range(1, 21),
        "sex": [*["F"] * 17, SECRET, SECRET, None],
        "size": [*range(1, 19), 90, 90],
        "most": [20] * 20,
    }
)
SEX = {"type": "expect_column_values_to_be_in_set", "column": "sex", "value_set": ["F"]}
SIZE = {"type": "expect_column_values_to_be_between", "column": "size", "max_value": 30}
NULL = {"type": "expect_column_values_to_not_be_null", "column": "sex"}
ONCE = {"type": "expect_column_values_to_be_unique", "column": "size"}
PAIR = {"type": "expect_column_pair_values_a_to_be_greater_than_b", "column_A": "most"}
PAIR |= {"column_B": "size"}
BOTH = {"type": "expect_compound_columns_to_be_unique", "column_list": ["sex", "size"]}
LENGTH = {"type": "expect_column_value_lengths_to_equal", "column": "sex", "value": 1}
ROWS = {"type": "expect_table_row_count_to_be_between", "min_value": 1}
EXACT = {"type": "expect_table_row_count_to_equal", "value": 20}
KINDS = {"type": "expect_column_unique_value_count_to_be_between", "column": "sex"}
SHARE = {"type": "expect_column_proportion_of_unique_values_to_be_between", "column": "size"}
AT_LEAST = {"min_value": {"$PARAMETER": "rows_min"}}
ROWS_OF = {"type": "expect_table_row_count_to_be_between", **AT_LEAST}
GONE = {"type": "expect_column_values_to_not_be_null", "column": "nowhere"}
SETS = {"type": "expect_column_distinct_values_to_contain_set", "column": "sex"}
MEAN = {"type": "expect_column_mean_to_be_between", "column": "size"}
CONDITION = {"type": "nullity", "column": {"name": "sex"}, "is_null": False}


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Writes a suite of rules (type and arguments in one, severity) and returns its name."""
    monkeypatch.setenv("TF_EXPECTATIONS", str(tmp_path))

    def write(*rules: dict[str, Any], defaults: dict[str, Any] | None = None) -> str:
        expectations = []
        for number, given in enumerate(rules):
            rule = {"severity": "critical", "id": f"rule-{number}", "meta": {}, **given}
            own = {name: rule.pop(name) for name in ("type", "severity", "id", "meta")}
            own["meta"] = {"why": "a test's", **own["meta"]}
            expectations.append({**own, "kwargs": rule})
        suite = {
            "name": "gated",
            "expectations": expectations,
            "suite_parameters": defaults or {},
            "meta": {"parameters": {"rows_min": "a test's", "others": "a test's"}},
        }
        (tmp_path / "gated.json").write_text(json.dumps(suite), "utf-8")
        return "gated"

    return write


def kept(result: GateResult) -> list[RuleResult]:
    """A result put into the register and read from it again."""
    with duckdb.connect() as connection:
        connection.execute(LANDING_SQL)
        record_gate(connection, "2016-04", "delivery", "la99", result)
        record_gate(connection, "2016-04", "delivery", "la99", result)
        (gate,) = stored_gates(connection)
        stored = str(connection.execute("from ops.gate_rules").fetchall())
    assert SECRET not in stored
    assert gate.outcome == result.outcome
    return [stored_rule(record) for record in gate.rules]


def said(rules: tuple[RuleResult, ...]) -> list[tuple]:
    return [
        (r.rule, r.severity, r.passed, r.checked, r.failed, r.observed, r.problem, r.threshold)
        for r in rules
    ]


def both(
    write: Callable[..., str],
    before: list[dict],
    after: list[dict],
    parameters: dict[str, Any] | None = None,
) -> Redecided:
    """Decided again after a run by `before`, and proved equal to a run by `after`."""
    stored = kept(run_gate(write(*before), {"people": TABLE}, parameters))
    name = write(*after)
    again = redecide(read_suite(name), stored)
    real = run_gate(name, {"people": TABLE}, parameters)
    assert again.again == {}
    assert again.outcome is real.outcome
    assert said(again.rules) == said(real.rules)
    return again


@pytest.mark.parametrize(
    "rule", [SEX, SIZE, NULL, ONCE, PAIR, BOTH, LENGTH], ids=lambda r: r["type"]
)
@pytest.mark.parametrize("share", [0.5, 0.9, 0.95, 1, 0, None])
def test_a_share_that_must_hold(write, rule, share):
    changed = rule if share is None else rule | {"mostly": share}
    both(write, [rule | {"mostly": 0.8}], [changed])
    both(write, [rule], [changed])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ROWS, {"min_value": 20}),
        (ROWS, {"min_value": 21}),
        (ROWS, {"min_value": 20, "strict_min": True}),
        (ROWS, {"max_value": 20}),
        (ROWS, {"min_value": None, "max_value": 19}),
        (ROWS, {"max_value": 20, "strict_max": True}),
        (EXACT, {"value": 21}),
        (KINDS | {"min_value": 1}, {"min_value": 3}),
        (KINDS | {"min_value": 3}, {"min_value": 2}),
        (SHARE | {"min_value": 0.5}, {"min_value": 0.95}),
        (SHARE | {"min_value": 0.96}, {"min_value": 0.2}),
    ],
)
def test_bounds_on_a_number_of_the_table(write, before, after):
    both(write, [before], [before | after])


def test_each_direction_comes_out_otherwise(write):
    """The comparisons above would hold if nothing ever changed: here something does."""
    tighter = both(write, [SEX | {"mostly": 0.8}], [SEX | {"mostly": 0.95}])
    assert tighter.outcome == "failed"
    looser = both(write, [SEX | {"mostly": 0.95}], [SEX | {"mostly": 0.8}])
    assert looser.outcome == "passed_with_failures"
    assert [rule.passed for rule in looser.changed] == [True]
    assert both(write, [SEX], [SEX | {"severity": "warning"}]).outcome == "passed_with_failures"
    warned = SEX | {"severity": "warning"}
    assert both(write, [warned], [SEX]).outcome == "failed"


def test_what_has_no_threshold_stays_as_it_was(write):
    rules = [SETS | {"value_set": ["F"]}, SETS | {"value_set": ["X"]}, GONE, MEAN]
    rules[-1] |= {"min_value": 1}
    assert both(write, rules, rules).outcome == "failed"
    assert both(write, rules, [GONE | {"mostly": 0.1, "id": "rule-2"}]).outcome == "failed"


def test_a_parameter_of_the_callers_is_kept_as_a_number(write):
    half = {"rows_min": 12}
    assert both(write, [ROWS_OF], [ROWS_OF | {"severity": "info"}], half).outcome == "passed"
    assert both(write, [ROWS_OF], [ROWS_OF | {"min_value": 21}], half).outcome == "failed"
    # another rule with the same question has the parameter
    assert both(write, [ROWS, ROWS_OF], [ROWS_OF | {"id": "rule-0"}], half).outcome == "passed"
    # nothing stands to compare with: unapplied, and the number comes from another rule
    none = {"rows_min": None}
    assert both(write, [ROWS_OF], [ROWS_OF | {"severity": "info"}], none).outcome == "passed"
    now = both(write, [ROWS, ROWS_OF], [ROWS, ROWS_OF | {"min_value": 30}], none)
    assert now.outcome == "failed"
    # a parameter that was forgotten could not be asked, and still cannot
    assert both(write, [ROWS_OF, SEX], [ROWS_OF, SEX]).outcome == "could_not_run"


def test_a_table_that_is_not_there_is_told_apart_from_one_that_may_be_absent(write):
    absent = SEX | {"meta": {"dataset": "incidents"}}
    optional = SEX | {"meta": {"dataset": "incidents", "optional": True}}
    assert both(write, [absent], [absent | {"mostly": 0.1}]).outcome == "could_not_run"
    assert both(write, [optional], [optional | {"mostly": 0.1}]).outcome == "passed"


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (SEX, SEX | {"value_set": ["F", "M"]}, "the rule is new, or counts something else"),
        (SEX, SEX | {"column": "size"}, "the rule is new, or counts something else"),
        (SEX, NULL, "the rule is new, or counts something else"),
        (SIZE, SIZE | {"max_value": 31}, "the rule is new, or counts something else"),
        (NULL, NULL | {"row_condition": CONDITION}, "the rule is new, or counts something else"),
        (SEX, SEX | {"meta": {"dataset": "people"}}, "the rule is new, or counts something else"),
        (
            MEAN | {"min_value": 1},
            MEAN | {"min_value": 2},
            "the rule is new, or counts something else",
        ),
        (ROWS, ROWS | {"min_value": None}, "cannot decide such a threshold"),
        (ROWS, ROWS_OF, "the value of a parameter was not stored"),
        (ROWS_OF, ROWS, "cannot decide such a threshold"),
    ],
)
def test_what_counts_cannot_decide_must_be_run_again(write, before, after, why):
    stored = kept(run_gate(write(before, ONCE), {"people": TABLE}, None))
    again = redecide(read_suite(write(after, ONCE)), stored)
    assert again.outcome is None
    ((_, reason),) = again.again.items()
    assert why in reason


def test_another_default_of_the_suite_asks_something_else(write):
    words = SEX | {"value_set": {"$PARAMETER": "others"}}
    first = write(words, defaults={"others": ["F"]})
    stored = kept(run_gate(first, {"people": TABLE}))
    again = redecide(read_suite(write(words, defaults={"others": ["F", "M"]})), stored)
    assert again.outcome is None
    limit = {"rows_min": 3}
    stored = kept(run_gate(write(ROWS_OF, defaults=limit), {"people": TABLE}))
    name = write(ROWS_OF, defaults={"rows_min": 30})
    assert redecide(read_suite(name), stored).outcome == "failed"
    assert run_gate(name, {"people": TABLE}).outcome == "failed"


def test_a_rule_that_is_asked_no_more_is_named(write):
    stored = kept(run_gate(write(SEX, ROWS), {"people": TABLE}))
    again = redecide(read_suite(write(ROWS | {"id": "rule-1"})), stored)
    assert again.outcome == "passed"
    assert again.dropped == ("expect_column_values_to_be_in_set(sex)",)


def test_a_threshold_that_no_gate_would_take_is_refused(write):
    stored = kept(run_gate(write(SEX), {"people": TABLE}))
    suite = read_suite(write(SEX | {"mostly": 1.5}))
    with pytest.raises(SuiteProblem, match="mostly"):
        redecide(suite, stored)


def test_a_gate_without_counts_or_without_a_suite_must_be_run_again(write, tmp_path):
    """An older program's gate, and one whose suite is gone: each with the reason."""
    result = run_gate(write(SEX), {"people": TABLE})
    with duckdb.connect() as connection:
        assert stored_gates(connection) == []
        connection.execute(LANDING_SQL)
        record_gate(connection, "2016-04", "marts", "gm", result)
        (tmp_path / "gated.json").unlink()
        (found,) = redecide_gates(connection, stored_gates(connection))
        assert found.must_be_run and found.changes
        assert "the file does not exist" in found.found.again["every rule"]
        connection.execute("drop table ops.gate_rules")
        (found,) = redecide_gates(connection, stored_gates(connection))
        assert found.must_be_run
        assert "before counts were stored" in found.found.again["every rule"]
