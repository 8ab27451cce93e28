"""The gate with real Great Expectations: each outcome, and that no value ever leaves."""

import json
import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tf_pipeline.quality.gate import run_gate
from tf_pipeline.quality.gate_result import GateResult, RuleResult
from tf_pipeline.vocabulary import GateOutcome

SURNAME = "Zzyzxworth"
NINO = "QQ123456C"


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Writes a suite of (type, severity, kwargs, meta) and returns its name."""
    monkeypatch.setenv("TF_EXPECTATIONS", str(tmp_path))

    def write(*rules: tuple, parameters: tuple[str, ...] = (), **defaults: object) -> str:
        expectations = []
        for number, (kind, severity, kwargs, *meta) in enumerate(rules):
            expectations.append(
                {
                    "id": f"rule-{number}",
                    "type": kind,
                    "severity": severity,
                    "kwargs": kwargs,
                    "meta": {"why": f"why {number}", **(meta[0] if meta else {})},
                }
            )
        content = {
            "name": "gated",
            "expectations": expectations,
            "suite_parameters": defaults,
            "meta": {"parameters": dict.fromkeys(parameters, "a test's")},
        }
        (tmp_path / "gated.json").write_text(json.dumps(content), encoding="utf-8")
        return "gated"

    return write


def people(**columns: list) -> pl.DataFrame:
    table = {
        "row_number": [5, 6, 7, 8],
        "surname": ["Able", SURNAME, "Cane", None],
        "nino": [None, NINO, None, None],
        "sex": ["F", "M", "M", "F"],
    }
    return pl.DataFrame(table | columns)


ROWS = ("expect_table_row_count_to_be_between", "critical", {"min_value": 1})
SEX = ("expect_column_values_to_be_in_set", "critical", {"column": "sex", "value_set": ["F", "M"]})


def one(result: GateResult) -> RuleResult:
    (rule,) = result.rules
    return rule


def test_passes(suite: Callable[..., str]) -> None:
    result = run_gate(suite(ROWS, SEX), {"": people()})
    assert result.outcome is GateOutcome.PASSED
    assert result.rows == 4
    rows, sex = result.rules
    assert (rows.rule, rows.observed) == ("expect_table_row_count_to_be_between()", 4)
    assert (sex.rule, sex.column) == ("expect_column_values_to_be_in_set(sex)", "sex")
    assert (sex.checked, sex.failed, sex.passed, sex.why) == (4, 0, True, "why 1")


def test_a_failed_warning_is_let_through(suite: Callable[..., str]) -> None:
    rule = ("expect_column_values_to_not_be_null", "warning", {"column": "nino"})
    result = run_gate(suite(rule), {"people": people()})
    assert result.outcome is GateOutcome.PASSED_WITH_FAILURES
    assert (one(result).checked, one(result).failed, one(result).rows) == (4, 3, (5, 7, 8))


def test_failures_within_the_threshold_are_not_hidden(suite: Callable[..., str]) -> None:
    kwargs = {"column": "surname", "regex": "^[A-C]", "mostly": 0.5}
    result = run_gate(
        suite(("expect_column_values_to_match_regex", "critical", kwargs)), {"": people()}
    )
    assert result.outcome is GateOutcome.PASSED_WITH_FAILURES
    rule = one(result)
    assert (rule.passed, rule.checked, rule.failed, rule.threshold) == (True, 3, 1, 0.5)
    assert rule.rows == (6,)


def test_a_failed_critical_rule_fails(suite: Callable[..., str]) -> None:
    result = run_gate(suite(ROWS, SEX), {"": people(sex=["F", "M", "U", "X"])})
    assert result.outcome is GateOutcome.FAILED
    assert [rule.column for rule in result.failed_rules] == ["sex"]
    assert result.failed_rules[0].rows == (7, 8)
    assert result.summary()["rules_failed_critical"] == 1


def test_an_exception_is_no_failure(suite: Callable[..., str]) -> None:
    broken = ("expect_column_values_to_match_regex", "warning", {"column": "sex", "regex": "("})
    result = run_gate(suite(broken, SEX), {"": people()})
    assert result.outcome is GateOutcome.COULD_NOT_RUN
    unrun, sex = result.rules
    assert (unrun.passed, unrun.could_not_run, unrun.failed) == (None, True, None)
    assert unrun.problem is not None
    assert unrun.problem.isidentifier()
    assert sex.passed is True
    assert result.failed_rules == ()
    assert result.unrun_rules == (unrun,)


@pytest.mark.parametrize(
    "rule",
    [
        SEX,
        ("expect_column_to_exist", "critical", {"column": "sex"}),
        ("expect_compound_columns_to_be_unique", "critical", {"column_list": ["nino", "sex"]}),
        (
            "expect_column_values_to_not_be_null",
            "critical",
            {
                "column": "nino",
                "row_condition": {"type": "nullity", "column": {"name": "sex"}, "is_null": False},
            },
        ),
    ],
)
def test_a_missing_column_is_a_failure(suite: Callable[..., str], rule: tuple) -> None:
    result = run_gate(suite(rule), {"": people().drop("sex")})
    assert result.outcome is GateOutcome.FAILED
    assert (one(result).passed, one(result).rows) == (False, ())
    asks_for_it = rule[0] == "expect_column_to_exist"
    assert one(result).problem == (None if asks_for_it else "MissingColumn")
    assert not one(result).could_not_run


def test_a_missing_table_cannot_be_judged(suite: Callable[..., str]) -> None:
    name = suite((*SEX, {"dataset": "people"}))
    result = run_gate(name, {"families": people()})
    assert result.outcome is GateOutcome.COULD_NOT_RUN
    assert one(result).problem == "MissingTable"


def test_an_optional_table_may_be_absent(suite: Callable[..., str]) -> None:
    name = suite((*ROWS, {"dataset": "families"}), (*SEX, {"dataset": "nis", "optional": True}))
    result = run_gate(name, {"families": people()})
    assert result.outcome is GateOutcome.PASSED
    assert (result.rules[1].passed, result.rules[1].problem) == (None, None)
    assert result.summary()["rules_not_applicable"] == 1


def test_what_is_of_another_time_does_not_apply(suite: Callable[..., str]) -> None:
    absent = ("expect_column_to_exist", "critical", {"column": "need"}, {"dataset": "people"})
    name = suite(absent, (*SEX, {"dataset": "people"}))
    batches = {"people": people()}
    assert run_gate(name, batches).outcome is GateOutcome.FAILED
    result = run_gate(name, batches, not_asked={"people": {"need"}, "families": {"sex"}})
    assert result.outcome is GateOutcome.PASSED
    assert (result.rules[0].passed, result.rules[0].problem) == (None, None)
    assert result.rules[1].passed is True
    assert result.summary()["rules_not_applicable"] == 1


def test_each_dataset_is_judged_on_its_own_table(suite: Callable[..., str]) -> None:
    name = suite((*SEX, {"dataset": "people"}), (*SEX, {"dataset": "nis"}))
    result = run_gate(name, {"people": people(), "nis": people(sex=["F", "M", "M", "?"])})
    assert [rule.passed for rule in result.rules] == [True, False]
    assert result.rows == 8


def test_parameters_fill_in_and_override_defaults(suite: Callable[..., str]) -> None:
    kind, severity, _ = SEX
    words = (kind, severity, {"column": "sex", "value_set": {"$PARAMETER": "words_sex"}})
    rows = (ROWS[0], "warning", {"min_value": {"$PARAMETER": "rows_min"}})
    name = suite(words, rows, parameters=("words_sex",), rows_min=3)
    assert run_gate(name, {"": people()}, {"words_sex": ["F", "M"]}).outcome is GateOutcome.PASSED
    overridden = run_gate(name, {"": people()}, {"words_sex": ["F"], "rows_min": 9})
    assert [rule.passed for rule in overridden.rules] == [False, False]
    assert overridden.outcome is GateOutcome.FAILED


def test_a_parameter_not_given_cannot_be_judged_and_none_does_not_apply(
    suite: Callable[..., str],
) -> None:
    name = suite(
        (ROWS[0], "warning", {"min_value": {"$PARAMETER": "rows_min"}}), parameters=("rows_min",)
    )
    ungiven = run_gate(name, {"": people()})
    assert ungiven.outcome is GateOutcome.COULD_NOT_RUN
    assert one(ungiven).problem == "MissingParameter"
    assert run_gate(name, {"": people()}, {"rows_min": None}).outcome is GateOutcome.PASSED


def test_a_parameter_of_the_wrong_kind_concerns_its_rule_alone(suite: Callable[..., str]) -> None:
    kind, severity, kwargs = SEX
    share = (kind, severity, kwargs | {"mostly": {"$PARAMETER": "share"}})
    result = run_gate(suite(share, ROWS, parameters=("share",)), {"": people()}, {"share": 2})
    assert [rule.could_not_run for rule in result.rules] == [True, False]


def test_at_most_five_rows_are_named_and_none_without_row_numbers(
    suite: Callable[..., str],
) -> None:
    table = pl.DataFrame({"row_number": range(100, 120), "sex": ["?"] * 20})
    assert one(run_gate(suite(SEX), {"": table})).rows == (100, 101, 102, 103, 104)
    assert one(run_gate(suite(SEX), {"": table.drop("row_number")})).rows == ()


def test_what_is_observed_is_never_a_cell(suite: Callable[..., str]) -> None:
    seen = ("expect_column_distinct_values_to_be_in_set", "info")
    result = run_gate(
        suite(
            (*seen, {"column": "surname", "value_set": ["Able"]}),
            ("expect_column_max_to_be_between", "info", {"column": "born", "min_value": 1}),
            (
                "expect_column_unique_value_count_to_be_between",
                "info",
                {"column": "sex", "min_value": 2},
            ),
        ),
        {"": people(born=[1951, 1962, 1973, 1984])},
    )
    assert [rule.observed for rule in result.rules] == [None, None, 2]


def test_an_empty_table_can_be_judged(suite: Callable[..., str]) -> None:
    result = run_gate(suite(ROWS, SEX), {"": people().clear()})
    assert [rule.passed for rule in result.rules] == [False, True]


def test_typed_tables_can_be_judged(suite: Callable[..., str]) -> None:
    table = pl.DataFrame(
        {
            "month": pl.Series(["2016-04", "2016-05"], dtype=pl.Categorical),
            "level": pl.Series(["L1", "L9"], dtype=pl.Enum(["L1", "L9"])),
            "families": [3, None],
            "rate": pl.Series(["0.25", "0.75"]).cast(pl.Decimal(10, 2)),
            "opened": [date(2015, 9, 1), date(1915, 9, 1)],
            "is_open": [True, None],
        }
    )
    between = "expect_column_values_to_be_between"
    result = run_gate(
        suite(
            ("expect_column_values_to_match_regex", "info", {"column": "month", "regex": "^2016"}),
            (
                "expect_column_values_to_be_in_set",
                "info",
                {"column": "level", "value_set": ["L1"]},
            ),
            (between, "info", {"column": "families", "min_value": 4}),
            (between, "info", {"column": "rate", "min_value": 0, "max_value": 0.5}),
            (between, "info", {"column": "opened", "min_value": "2014-09-01"}),
            (
                "expect_column_values_to_be_in_set",
                "info",
                {"column": "is_open", "value_set": [True, False]},
            ),
        ),
        {"": table},
    )
    assert [rule.problem for rule in result.rules] == [None] * 6
    assert [rule.failed for rule in result.rules] == [0, 1, 1, 1, 1, 0]


def test_no_value_leaves(
    suite: Callable[..., str], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    regex = "expect_column_values_to_match_regex"
    rules: list[tuple[str, str, dict[str, Any]]] = [
        (regex, "critical", {"column": "surname", "regex": "^Able$"}),
        (regex, "critical", {"column": "nino", "regex": "^$"}),
        ("expect_column_values_to_be_in_set", "warning", {"column": "nino", "value_set": ["x"]}),
        (
            "expect_column_distinct_values_to_be_in_set",
            "info",
            {"column": "nino", "value_set": ["x"]},
        ),
        ("expect_column_values_to_be_unique", "info", {"column": "surname"}),
        ("expect_compound_columns_to_be_unique", "info", {"column_list": ["surname", "sex"]}),
        ("expect_column_values_to_be_of_type", "info", {"column": "nino", "type_": "int"}),
        ("expect_column_values_to_be_between", "info", {"column": "surname", "min_value": 3}),
        # these raise, and the message names the cell
        ("expect_column_mean_to_be_between", "info", {"column": "alias", "min_value": 3}),
        ("expect_column_stdev_to_be_between", "info", {"column": "alias", "min_value": 3}),
    ]
    aliased = people(alias=[SURNAME] * 4)
    result = run_gate(suite(*rules), {"": pl.concat([aliased, aliased])})
    assert result.unrun_rules
    assert result.failed_rules
    said = (
        repr(result)
        + json.dumps(result.to_records())
        + json.dumps(result.summary())
        + repr(result.asked)
        + caplog.text
        + "".join(capfd.readouterr())
    )
    assert SURNAME not in said
    assert NINO not in said


def test_records_are_plain(suite: Callable[..., str]) -> None:
    result = run_gate(suite(ROWS, SEX), {"": people(sex=["F", "M", "M", "?"])})
    record = json.loads(json.dumps(result.to_records()))[1]
    assert record["suite"] == "gated"
    assert record["severity"] == "critical"
    assert record["rows"] == [8]
