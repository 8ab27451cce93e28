"""A stamped delivery suite: which rules it has, and that it can be run."""

import json
from pathlib import Path

import polars as pl
import pytest
from tf_pipeline.quality.stamp import Field, stamp_delivery_suite, write_suite

from tf_pipeline.quality.gate import run_gate
from tf_pipeline.quality.suites import check_with_gx, read_suite
from tf_pipeline.vocabulary import GateOutcome

FIELDS = {
    "families": [
        Field("families", "local_family_id", "id", True),
        Field("families", "programme_group", "word", True, "programme_group"),
        Field("families", "start_date", "date", True),
        Field("families", "work_began_date", "date", False),
        Field("families", "ward", "text", False),
    ],
    "incidents": [
        Field("incidents", "local_family_id", "id", True),
        Field("incidents", "dv", "number", True),
    ],
    "nis": [Field("nis", "local_family_id", "id", True), Field("nis", "sex", "word", False, "sex")],
}
FAMILIES = pl.DataFrame(
    {
        "row_number": [2, 3],
        "local_family_id": ["0001", "0002"],
        "programme_group": ["TF", "Comp"],
        "start_date": ["01/09/2015", None],
        "work_began_date": ["01/10/2015", "02/10/2015"],
        "ward": [None, None],
    }
)
INCIDENTS = pl.DataFrame({"row_number": [2], "local_family_id": ["0001"], "dv": ["3"]})
PARAMETERS = {
    "date_pattern_families": r"^\d{2}/\d{2}/\d{4}$",
    "number_pattern": r"^\d+$",
    "families_rows_min": 1,
    "incidents_rows_min": None,
    "nis_rows_min": None,
    "words_families_programme_group": ["TF", "Comp"],
    "words_nis_sex": ["F", "M"],
}


@pytest.fixture
def stamped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    monkeypatch.setenv("TF_EXPECTATIONS", str(tmp_path))
    suite = stamp_delivery_suite("la99", FIELDS, optional={"nis"})
    write_suite(suite)
    return suite


def rules(suite: dict, dataset: str) -> set[tuple[str, str, str]]:
    return {
        (each["type"], each["kwargs"].get("column", ""), each["severity"])
        for each in suite["expectations"]
        if each["meta"]["dataset"] == dataset
    }


def test_has_the_rules_each_field_asks_for(stamped: dict) -> None:
    matches = "expect_column_values_to_match_regex"
    assert rules(stamped, "families") == {
        # without a row, and with half the rows that stand
        ("expect_table_row_count_to_be_between", "", "critical"),
        ("expect_column_to_exist", "local_family_id", "critical"),
        ("expect_column_to_exist", "programme_group", "critical"),
        ("expect_column_to_exist", "start_date", "critical"),
        ("expect_column_values_to_not_be_null", "local_family_id", "critical"),
        ("expect_column_values_to_be_unique", "local_family_id", "warning"),
        ("expect_column_to_exist", "ward", "warning"),
        ("expect_column_to_exist", "work_began_date", "warning"),
        (matches, "start_date", "critical"),
        (matches, "work_began_date", "warning"),
        ("expect_column_values_to_be_in_set", "programme_group", "critical"),
    }
    assert (matches, "dv", "critical") in rules(stamped, "incidents")
    assert ("expect_column_values_to_be_in_set", "sex", "warning") in rules(stamped, "nis")


def test_is_known_to_great_expectations_and_reads_back(stamped: dict) -> None:
    import great_expectations as gx

    assert read_suite("delivery.la99") == stamped
    check_with_gx(stamped)
    loaded = gx.ExpectationSuite(**stamped)
    assert len(loaded.expectations) == len(stamped["expectations"])


def test_the_same_fields_give_the_same_file(stamped: dict, tmp_path: Path) -> None:
    before = (tmp_path / "delivery.la99.json").read_bytes()
    mixed = {dataset: FIELDS[dataset][::-1] for dataset in reversed(FIELDS)}
    write_suite(stamp_delivery_suite("la99", mixed, optional=["nis"]))
    assert (tmp_path / "delivery.la99.json").read_bytes() == before
    assert before.endswith(b"}\n")
    other = stamp_delivery_suite("la98", FIELDS)
    ids = [each["id"] for suite in (stamped, other) for each in suite["expectations"]]
    assert len(set(ids)) == len(ids)


def test_lists_the_parameters_it_must_be_given(stamped: dict) -> None:
    assert set(stamped["meta"]["parameters"]) == set(PARAMETERS)
    used = json.dumps(stamped["expectations"])
    assert all(f'"$PARAMETER": "{name}"' in used for name in PARAMETERS)


def test_a_good_delivery_passes_without_its_optional_dataset(stamped: dict) -> None:
    batches = {"families": FAMILIES, "incidents": INCIDENTS}
    assert run_gate("delivery.la99", batches, PARAMETERS).outcome is GateOutcome.PASSED


@pytest.mark.parametrize(
    ("families", "fails"),
    [
        (FAMILIES.drop("start_date"), "start_date"),
        (FAMILIES.clear(), None),
        (FAMILIES.with_columns(pl.lit("2015-09-01").alias("start_date")), "start_date"),
        (FAMILIES.with_columns(pl.lit("Troubled").alias("programme_group")), "programme_group"),
    ],
)
def test_a_bad_delivery_fails(stamped: dict, families: pl.DataFrame, fails: str | None) -> None:
    batches = {"families": families, "incidents": INCIDENTS}
    result = run_gate("delivery.la99", batches, PARAMETERS)
    assert result.outcome is GateOutcome.FAILED
    assert {rule.column for rule in result.failed_rules} == {fails}


def test_a_family_listed_twice_is_only_warned_about(stamped: dict) -> None:
    twice = FAMILIES.with_columns(pl.lit("1").alias("local_family_id"))
    result = run_gate("delivery.la99", {"families": twice, "incidents": INCIDENTS}, PARAMETERS)
    assert result.outcome is GateOutcome.PASSED_WITH_FAILURES
    assert {rule.column for rule in result.failed_rules} == {"local_family_id"}


def test_a_partial_file_is_warned_about_and_one_of_families_held(stamped: dict) -> None:
    batches = {"families": FAMILIES, "incidents": INCIDENTS}
    result = run_gate("delivery.la99", batches, PARAMETERS | {"families_rows_min": 100})
    assert result.outcome is GateOutcome.FAILED
    assert [(rule.name, rule.observed) for rule in result.failed_rules] == [("HALF_ROWS", 2)]
    result = run_gate("delivery.la99", batches, PARAMETERS | {"incidents_rows_min": 100})
    assert result.outcome is GateOutcome.PASSED_WITH_FAILURES
