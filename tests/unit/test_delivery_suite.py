"""The delivery suite of an authority: which shared rules it has, and that it can be run."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.support.commands import REPO
from tf_pipeline.quality.gate import run_gate
from tf_pipeline.quality.gx_check import check_with_gx
from tf_pipeline.quality.suites import SuiteProblem, read_suite, suite_names
from tf_pipeline.vocabulary import GateOutcome

SUITE, MONTH = "delivery.la99", "2016-04"
HEADER = (REPO / "expectations/delivery_overrides.csv").read_text("utf-8").splitlines()[0]
SHAPE = """
authority: la99
summary: An authority that exists only in this test.
date_formats: ["%d/%m/%Y"]
datasets:
  families: {files: "families.csv"}
  incidents: {files: "incidents.csv"}
  nis: {files: "nis.csv", optional: true}
"""
FIELDS = {
    "families": ["local_family_id", "programme_group", "start_date", "work_began_date", "ward"],
    "incidents": ["local_family_id", "dv"],
    "nis": ["sex"],
    # its YAML does not have it
    "people": ["local_person_id"],
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
BATCHES = {"families": FAMILIES, "incidents": INCIDENTS}
PARAMETERS = {
    "date_pattern_families": r"^\d{2}/\d{2}/\d{4}$",
    "number_pattern": r"^\d+$",
    "families_rows_min": 1,
    "incidents_rows_min": None,
    "nis_rows_min": None,
    "words_families_programme_group": ["TF", "Comp"],
    "words_nis_sex": ["F", "M"],
}
START = {"dataset": "families", "field": "start_date"}
START |= {"rule": "expect_column_values_to_match_regex"}
HALF = {"dataset": "families", "rule": "HALF_ROWS"}
REVIEWED = {"valid_from": "2016-01-01", "reviewed_by": "role:gm-analyst"}
REVIEWED |= {"reviewed_on": "2016-06-30"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shared suite without overrides, and an authority with a YAML and rows of its own."""
    project, shapes = tmp_path / "dbt_project", tmp_path / "authorities"
    shutil.copytree(REPO / "dbt_project/seeds", project / "seeds")
    shutil.copyfile(REPO / "dbt_project/dbt_project.yml", project / "dbt_project.yml")
    shapes.mkdir()
    (shapes / "la99.yml").write_text(SHAPE, "utf-8")
    headings = project / "seeds/crosswalks/xwalk_headings.csv"
    rows = pl.read_csv(headings, infer_schema=False).filter(pl.col("authority") != "*")
    # one heading is of another time, and still a heading
    own = [
        {"authority": "la99", "dataset": d, "heading": f, "field": f, "valid_from": "2014-09-01",
         "valid_to": "2015-01-31" if f == "ward" else None}
        for d, fields in FIELDS.items()
        for f in fields
    ]  # fmt: skip
    pl.concat([rows, pl.DataFrame(own)], how="diagonal").write_csv(headings)
    suites = tmp_path / "expectations"
    suites.mkdir()
    shutil.copyfile(REPO / "expectations/delivery.json", suites / "delivery.json")
    (suites / "delivery_overrides.csv").write_text(HEADER + "\n", "utf-8")
    for name, path in (("AUTHORITIES", shapes), ("DBT_DIR", project), ("EXPECTATIONS", suites)):
        monkeypatch.setenv(f"TF_{name}", str(path))
    return suites


def override(folder: Path, **cells: str) -> None:
    """Adds a row to the overrides."""
    row = {"authority": "la99", **REVIEWED, **cells}
    with (folder / "delivery_overrides.csv").open("a", encoding="utf-8") as file:
        file.write(",".join(row.get(name, "") for name in HEADER.split(",")) + "\n")


def rules(suite: dict, dataset: str) -> set[tuple[str, str, str]]:
    return {
        (each["type"], each["kwargs"].get("column", ""), each["severity"])
        for each in suite["expectations"]
        if each["meta"]["dataset"] == dataset
    }


def the_rule(month: str | None, which: dict[str, str]) -> dict:
    (found,) = [
        each
        for each in read_suite(SUITE, month)["expectations"]
        if each["meta"]["dataset"] == which["dataset"]
        and each["kwargs"].get("column") == which.get("field")
        and which["rule"] in (each["type"], each["meta"].get("rule"))
    ]
    return found


def test_has_the_rules_on_what_the_authority_supplies(folder: Path) -> None:
    suite, matches = read_suite(SUITE), "expect_column_values_to_match_regex"
    assert rules(suite, "families") == {
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
    assert (matches, "dv", "critical") in rules(suite, "incidents")
    assert ("expect_column_values_to_be_in_set", "sex", "warning") in rules(suite, "nis")
    assert not rules(suite, "people") and not rules(suite, "needs")
    optional = {e["meta"]["dataset"] for e in suite["expectations"] if e["meta"].get("optional")}
    assert optional == {"nis"}


def test_is_known_to_great_expectations(folder: Path) -> None:
    import great_expectations as gx

    suite = read_suite(SUITE)
    check_with_gx(suite)
    loaded = gx.ExpectationSuite(**suite)
    assert len(loaded.expectations) == len(suite["expectations"])


def test_every_authority_has_a_suite_and_ids_of_its_own(folder: Path) -> None:
    (folder.parent / "authorities/la98.yml").write_text(SHAPE.replace("la99", "la98"), "utf-8")
    assert suite_names() == ["delivery.la98", SUITE]
    ids = [e["id"] for name in suite_names() for e in read_suite(name)["expectations"]]
    assert len(set(ids)) == len(ids)


def test_lists_the_parameters_it_must_be_given(folder: Path) -> None:
    suite = read_suite(SUITE)
    assert set(suite["meta"]["parameters"]) == set(PARAMETERS)
    used = json.dumps(suite["expectations"])
    assert all(f'"$PARAMETER": "{name}"' in used for name in PARAMETERS)


def test_is_composed_once_and_again_when_a_file_changes(folder: Path) -> None:
    first = read_suite(SUITE, MONTH)
    assert read_suite(SUITE, MONTH) is first
    override(folder, **START, threshold="0.99")
    assert the_rule(MONTH, START)["kwargs"]["mostly"] == 0.99
    path = folder / "delivery.json"
    path.write_text(path.read_text("utf-8").replace('"mostly": 0.95', '"mostly": 0.955'), "utf-8")
    assert the_rule(None, START)["kwargs"]["mostly"] == 0.955
    shape = folder.parent / "authorities/la99.yml"
    shape.write_text(SHAPE.replace("  incidents", "  # incidents"), "utf-8")
    assert not rules(read_suite(SUITE, MONTH), "incidents")


def test_an_override_holds_between_its_dates(folder: Path) -> None:
    dates = {"valid_from": "2016-04-01", "valid_to": "2016-05-31"}
    override(folder, **START, threshold="0.8", severity="warning", why="Typed by hand.", **dates)
    before = the_rule("2016-03", START)
    assert (before["kwargs"]["mostly"], before["severity"]) == (0.95, "critical")
    assert before == the_rule("2016-06", START) == the_rule(None, START)
    for month in ("2016-04", "2016-05"):
        rule = the_rule(month, START)
        assert (rule["kwargs"]["mostly"], rule["severity"]) == (0.8, "warning")
        # a lead reads what the rule is for, and why it differs
        assert rule["meta"]["why"] == f"{before['meta']['why']} Typed by hand."
        assert rule["meta"]["override"]["was"] == {"threshold": 0.95, "severity": "critical"}
        assert rule["id"] == before["id"]


def test_an_empty_cell_leaves_the_rule_as_it_is(folder: Path) -> None:
    override(folder, **START, threshold="0.99")
    rule = the_rule(MONTH, START)
    assert (rule["kwargs"]["mostly"], rule["severity"]) == (0.99, "critical")
    assert rule["meta"]["why"] == the_rule(None, START)["meta"]["why"]
    override(folder, **HALF, severity="warning", why="Small files.")
    rule = the_rule(MONTH, HALF)
    assert (rule["meta"]["share_of_last"], rule["severity"]) == (0.5, "warning")


def test_a_row_of_its_own_wins_over_a_row_for_all(folder: Path) -> None:
    override(folder, **START, threshold="0.97")
    override(folder, **START, threshold="0.99", authority="*")
    override(folder, **HALF, threshold="0.6", authority="*")
    override(folder, **HALF, threshold="0.7", authority="la01")
    assert the_rule(MONTH, START)["kwargs"]["mostly"] == 0.97
    assert the_rule(MONTH, HALF)["meta"]["share_of_last"] == 0.6


def test_each_kind_of_threshold_is_put_where_the_rule_has_it(folder: Path) -> None:
    rows = {"dataset": "families", "rule": "expect_table_row_count_to_be_between"}
    once = {"dataset": "families", "field": "local_family_id"}
    once |= {"rule": "expect_column_values_to_be_unique"}
    override(folder, **rows, threshold="3")
    override(folder, **once, threshold="0.9")
    (found,) = [
        e for e in read_suite(SUITE, MONTH)["expectations"] if e["kwargs"].get("min_value") == 3
    ]
    assert found["meta"]["dataset"] == "families"
    assert the_rule(MONTH, once)["kwargs"]["mostly"] == 0.9
    check_with_gx(read_suite(SUITE, MONTH))
    result = run_gate(SUITE, BATCHES, PARAMETERS, None, MONTH)
    assert result.outcome is GateOutcome.FAILED
    assert [rule.observed for rule in result.failed_rules] == [2]


def test_an_unusable_shared_suite_says_what_is_wrong_with_it(folder: Path) -> None:
    with pytest.raises(SuiteProblem, match=r"delivery\.json: cannot be composed for la98"):
        read_suite("delivery.la98")
    path = folder / "delivery.json"
    whole = path.read_text("utf-8")
    path.write_text(whole.replace('"dataset": "benefits", ', "", 1), "utf-8")
    with pytest.raises(SuiteProblem, match=r"expectation \d+: has no meta\.dataset"):
        read_suite(SUITE)
    path.write_text(whole.replace(', "rule": "HALF_ROWS"', "", 1), "utf-8")
    with pytest.raises(SuiteProblem, match="has the same dataset, field and name as another"):
        read_suite(SUITE)
    path.write_text(whole.replace("expect_column_values_to_be_unique", "expect_nothing"), "utf-8")
    with pytest.raises(SuiteProblem, match=r"delivery\.json: families, expect_nothing: unknown"):
        check_with_gx(read_suite(SUITE))


def test_a_good_delivery_passes_without_its_optional_dataset(folder: Path) -> None:
    assert run_gate(SUITE, BATCHES, PARAMETERS).outcome is GateOutcome.PASSED


@pytest.mark.parametrize(
    ("families", "fails"),
    [
        (FAMILIES.drop("start_date"), "start_date"),
        (FAMILIES.clear(), None),
        (FAMILIES.with_columns(pl.lit("2015-09-01").alias("start_date")), "start_date"),
        (FAMILIES.with_columns(pl.lit("Troubled").alias("programme_group")), "programme_group"),
    ],
)
def test_a_bad_delivery_fails(folder: Path, families: pl.DataFrame, fails: str | None) -> None:
    result = run_gate(SUITE, BATCHES | {"families": families}, PARAMETERS)
    assert result.outcome is GateOutcome.FAILED
    assert {rule.column for rule in result.failed_rules} == {fails}


def test_a_family_listed_twice_is_only_warned_about(folder: Path) -> None:
    twice = FAMILIES.with_columns(pl.lit("1").alias("local_family_id"))
    result = run_gate(SUITE, BATCHES | {"families": twice}, PARAMETERS)
    assert result.outcome is GateOutcome.PASSED_WITH_FAILURES
    assert {rule.column for rule in result.failed_rules} == {"local_family_id"}


def test_a_partial_file_is_warned_about_and_one_of_families_held(folder: Path) -> None:
    result = run_gate(SUITE, BATCHES, PARAMETERS | {"families_rows_min": 100})
    assert result.outcome is GateOutcome.FAILED
    assert [(rule.name, rule.observed) for rule in result.failed_rules] == [("HALF_ROWS", 2)]
    result = run_gate(SUITE, BATCHES, PARAMETERS | {"incidents_rows_min": 100})
    assert result.outcome is GateOutcome.PASSED_WITH_FAILURES
