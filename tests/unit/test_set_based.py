"""Each type of rule that set operations understand, beside Great Expectations."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tf_pipeline.quality import gate as gates
from tf_pipeline.quality import set_based

ROW = "expect_column_values_to_"
ONLY_NORTH = {
    "type": "comparison", "column": {"name": "area"}, "operator": "==", "parameter": "north",
}  # fmt: skip
SOME_AREAS = ONLY_NORTH | {"operator": "IN", "parameter": ["north", "south"]}
WITH_AREA = {"type": "nullity", "column": {"name": "area"}, "is_null": False}
RULES = [
    ("expect_table_row_count_to_be_between", {"min_value": 1, "max_value": 6}),
    ("expect_column_to_exist", {"column": "area"}),
    (f"{ROW}not_be_null", {"column": "area", "mostly": 0.5}),
    (f"{ROW}not_be_null", {"column": "number", "row_condition": ONLY_NORTH}),
    (f"{ROW}not_be_null", {"column": "share", "row_condition": SOME_AREAS, "mostly": 0.5}),
    (f"{ROW}not_be_null", {"column": "number", "row_condition": WITH_AREA, "mostly": 0.1}),
    (f"{ROW}be_null", {"column": "area", "mostly": 0.1}),
    (f"{ROW}be_in_set", {"column": "area", "value_set": ["north", "south"], "mostly": 0.5}),
    (f"{ROW}be_in_set", {"column": "number", "value_set": [1, 2, 3], "mostly": 0.5}),
    (f"{ROW}be_in_set", {"column": "yes", "value_set": [True]}),
    (f"{ROW}be_in_set", {"column": "area", "value_set": [1, 2]}),
    (f"{ROW}not_be_in_set", {"column": "area", "value_set": ["west"]}),
    (f"{ROW}match_regex", {"column": "area", "regex": r"^\w+$", "mostly": 0.6}),
    (f"{ROW}match_regex", {"column": "area", "regex": r"(?i)^NORTH$", "mostly": 0.3}),
    (f"{ROW}not_match_regex", {"column": "area", "regex": r"\s", "mostly": 0.5}),
    (f"{ROW}be_between", {"column": "number", "min_value": 1, "max_value": 3, "mostly": 0.5}),
    (f"{ROW}be_between", {"column": "share", "min_value": 0.25}),
    (f"{ROW}be_between", {"column": "day", "min_value": "2016-04-02", "mostly": 0.5}),
    (f"{ROW}be_between", {"column": "area", "min_value": 3}),
    (f"{ROW}be_unique", {"column": "number", "mostly": 0.3}),
    (f"{ROW}be_of_type", {"column": "area", "type_": "str"}),
    ("expect_compound_columns_to_be_unique", {"column_list": ["area", "number"]}),
    (
        "expect_column_pair_values_a_to_be_greater_than_b",
        {"column_A": "number", "column_B": "other", "or_equal": True, "mostly": 0.5,
         "ignore_row_if": "either_value_is_missing"},
    ),
    (
        "expect_column_pair_values_a_to_be_greater_than_b",
        {"column_A": "number", "column_B": "other"},
    ),
    ("expect_column_pair_values_to_be_equal", {"column_A": "yes", "column_B": "yes"}),
    ("expect_multicolumn_sum_to_equal", {"column_list": ["number", "other"], "sum_total": 5}),
    ("expect_column_distinct_values_to_contain_set", {"column": "area", "value_set": ["north"]}),
    ("expect_column_distinct_values_to_equal_set", {"column": "yes", "value_set": [True]}),
    ("expect_column_distinct_values_to_be_in_set", {"column": "yes", "value_set": [True, False]}),
    (
        "expect_column_most_common_value_to_be_in_set",
        {"column": "area", "value_set": ["north"], "ties_okay": True},
    ),
    ("expect_column_most_common_value_to_be_in_set", {"column": "yes", "value_set": [True]}),
    ("expect_column_mean_to_be_between", {"column": "number", "min_value": 1}),
    ("expect_column_max_to_be_between", {"column": "share", "min_value": 0.5}),
]  # fmt: skip
TABLES = {
    "whole": {
        "row_number": [2, 3, 4, 5], "area": ["north", "south", "north", "south"],
        "number": [1, 2, 3, 4], "other": [1, 1, 2, 9], "share": [0.25, 0.5, 0.75, 1.0],
        "day": [date(2016, 4, n) for n in (1, 2, 3, 4)], "yes": [True] * 4,
    },
    "gaps": {
        "row_number": [2, 3, 4, 5], "area": ["north", None, "no\u00a0rth", "north\n"],
        "number": [1, None, 3, 3], "other": [None, 1, 3, 4], "share": [float("nan"), 0.5, None, 1],
        "day": [date(2016, 4, 1), None, date(2016, 4, 3), None], "yes": [True, None, False, True],
    },
    "empty": {
        "row_number": [], "area": [], "number": [], "other": [], "share": [], "day": [], "yes": [],
    },
}  # fmt: skip
SCHEMA = {
    "row_number": pl.Int32, "area": pl.String, "number": pl.Int64, "other": pl.Int64,
    "share": pl.Float64, "day": pl.Date, "yes": pl.Boolean,
}  # fmt: skip


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[list], str]:
    """Writes a suite of (type, arguments) and returns its name."""
    monkeypatch.setenv("TF_EXPECTATIONS", str(tmp_path))

    def write(rules: list) -> str:
        expectations = [
            {"id": f"rule-{n}", "type": kind, "severity": "warning", "kwargs": kwargs,
             "meta": {"why": "a test"}}
            for n, (kind, kwargs) in enumerate(rules)
        ]  # fmt: skip
        said = {"name": "tried", "expectations": expectations}
        (tmp_path / "tried.json").write_text(json.dumps(said), encoding="utf-8")
        return "tried"

    return write


@pytest.mark.parametrize("table", TABLES)
def test_both_ways_find_the_same(suite, table, monkeypatch):
    frame = pl.DataFrame(TABLES[table], SCHEMA)
    quick = gates.run_gate(suite(RULES), {"": frame})
    monkeypatch.setenv(gates.ENGINE, gates.GX)
    reference = gates.run_gate("tried", {"": frame})
    for one, other in zip(quick.rules, reference.rules, strict=True):
        assert one == other
    assert quick.outcome is reference.outcome


def test_only_what_fails_or_is_not_understood_is_left():
    frame = pl.DataFrame(TABLES["whole"], SCHEMA)
    rules = [{"id": str(n), "type": kind, "kwargs": kw} for n, (kind, kw) in enumerate(RULES)]
    found = set_based.answers(rules, frame, {})
    left = [(rule["type"], rule["kwargs"]) for rule in rules if rule["id"] not in found]
    fails = [
        (f"{ROW}be_null", {"column": "area", "mostly": 0.1}),
        (
            "expect_column_pair_values_a_to_be_greater_than_b",
            {"column_A": "number", "column_B": "other"},
        ),
        ("expect_multicolumn_sum_to_equal", {"column_list": ["number", "other"], "sum_total": 5}),
    ]
    not_understood = [
        (f"{ROW}be_in_set", {"column": "area", "value_set": [1, 2]}),
        (f"{ROW}be_between", {"column": "area", "min_value": 3}),
        (f"{ROW}be_of_type", {"column": "area", "type_": "str"}),
    ]
    assert sorted(map(repr, left)) == sorted(map(repr, [*fails, *not_understood]))


@pytest.mark.parametrize(
    "kwargs",
    [
        {"column": "area", "value_set": ["north", "south"], "unheard_of": 1},
        {"column": "area", "value_set": ["north", 2]},
        {"column": "area", "value_set": []},
        {"column": "area", "value_set": ["north"], "row_condition": "area == 'north'"},
        {"column": "area", "value_set": ["north", "south"], "mostly": 2},
    ],
)
def test_an_argument_that_is_not_understood_gets_no_answer(kwargs):
    rule = {"id": "one", "type": f"{ROW}be_in_set", "kwargs": kwargs}
    frame = pl.DataFrame(TABLES["whole"], SCHEMA)
    assert set_based.answers([rule], frame, {}) == {}


def test_only_what_passes_is_answered():
    frame = pl.DataFrame(TABLES["gaps"], SCHEMA)
    rules = [{"id": str(n), "type": kind, "kwargs": kw} for n, (kind, kw) in enumerate(RULES)]
    found = set_based.answers(rules, frame, {})
    assert found
    assert all(answer.passed is True and answer.problem is None for answer in found.values())


def test_whatever_goes_wrong_is_left_to_great_expectations(monkeypatch):
    def stumbles(*_) -> None:
        raise pl.exceptions.ComputeError

    rule = {
        "id": "1", "type": "expect_column_values_to_not_be_null", "kwargs": {"column": "a"},
    }  # fmt: skip
    table = pl.DataFrame({"a": [1]})
    assert set(set_based.answers([rule], table, {})) == {"1"}
    monkeypatch.setattr(set_based, "_answer", stumbles)
    assert set_based.answers([rule], table, {}) == {}
