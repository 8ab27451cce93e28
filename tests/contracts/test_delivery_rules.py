"""The shared delivery suite asks of every canonical field what a field of its kind deserves."""

import csv

import pytest

from tf_pipeline import paths
from tf_pipeline.authorities import registry
from tf_pipeline.quality.suites import read_file, read_suite
from tf_pipeline.rules.crosswalks import Field, fields

EXISTS = "expect_column_to_exist"
FILLED = "expect_column_values_to_not_be_null"
REGEX = "expect_column_values_to_match_regex"
IN_SET = "expect_column_values_to_be_in_set"
ROWS = "expect_table_row_count_to_be_between"
# kind of field → the rule that its cells can be read, its parameter and its threshold
READABLE = {
    "date": (REGEX, "regex", "date_pattern_{0.dataset}", 0.95),
    "month": (REGEX, "regex", "date_pattern_{0.dataset}", 0.95),
    "number": (REGEX, "regex", "number_pattern", 0.99),
    "list": (REGEX, "regex", "list_pattern_{0.dataset}_{0.name}", 0.95),
    "word": (IN_SET, "value_set", "words_{0.dataset}_{0.name}", 0.95),
}
# a row without one of these belongs to nobody
IDENTITIES = {
    "families": {"local_family_id"},
    "people": {"local_family_id", "local_person_id"},
    "needs": {"local_family_id"},
    "incidents": {"local_family_id"},
    "interventions": {"local_family_id"},
    "benefits": {"local_person_id"},
    "claims": {"claim_id"},
}
# a delivery with far fewer of these waits for a person's word
HELD_WHEN_HALVED = {"families", "people"}
# an id of gates that are on record
LA01_HAS_FAMILIES = "9badafc9-604f-5448-a9c4-805ae8680447"


def of(dataset: str, field: str | None) -> list[dict]:
    return [
        rule
        for rule in read_file("delivery")["expectations"]
        if (rule["meta"]["dataset"], rule["kwargs"].get("column")) == (dataset, field)
    ]


@pytest.mark.parametrize("one", fields(), ids=lambda one: f"{one.dataset}.{one.name}")
def test_every_field_has_the_rules_of_its_kind(one: Field):
    severity = "critical" if one.is_essential else "warning"
    asked = {rule["type"]: rule for rule in of(one.dataset, one.name)}
    assert asked[EXISTS]["severity"] == severity
    if one.data_type in READABLE:
        kind, argument, parameter, share = READABLE[one.data_type]
        rule = asked[kind]
        assert rule["kwargs"][argument] == {"$PARAMETER": parameter.format(one)}
        assert (rule["severity"], rule["kwargs"]["mostly"] >= share) == (severity, True)
    if one.name in IDENTITIES.get(one.dataset, ()):
        rule = asked[FILLED]
        assert (rule["severity"], rule["kwargs"]["mostly"] >= 0.95) == ("critical", True)


@pytest.mark.parametrize("dataset", sorted({one.dataset for one in fields()}))
def test_every_dataset_has_rules_on_its_rows(dataset: str):
    rules = {rule["meta"].get("rule"): rule for rule in of(dataset, None)}
    assert (rules[None]["type"], rules[None]["severity"]) == (ROWS, "critical")
    assert rules[None]["kwargs"]["min_value"] >= 1
    half = rules["HALF_ROWS"]
    assert half["kwargs"] == {"min_value": {"$PARAMETER": f"{dataset}_rows_min"}}
    assert half["severity"] == ("critical" if dataset in HELD_WHEN_HALVED else "warning")
    assert half["meta"]["share_of_last"] >= 0.5


def test_it_asks_about_nothing_else():
    known = {(one.dataset, one.name) for one in fields()}
    for rule in read_file("delivery")["expectations"]:
        if "column" in rule["kwargs"]:
            assert (rule["meta"]["dataset"], rule["kwargs"]["column"]) in known, rule["id"]


@pytest.mark.parametrize("authority", registry.authorities())
@pytest.mark.parametrize("month", [None, "2016-04", "2023-01"])
def test_an_authority_is_asked_all_rules_on_what_it_supplies(authority: str, month: str | None):
    """Its YAML has the dataset, and a heading of any time names the field."""
    datasets = registry.shape(authority).datasets
    with (paths.seeds_dir() / "crosswalks/xwalk_headings.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["authority"] in (authority, "*")]
    supplied = {(row["dataset"], row["field"]) for row in rows}
    wanted = [
        (rule["meta"]["dataset"], rule["type"], rule["kwargs"])
        for rule in read_file("delivery")["expectations"]
        if rule["meta"]["dataset"] in datasets
        and (
            "column" not in rule["kwargs"]
            or (rule["meta"]["dataset"], rule["kwargs"]["column"]) in supplied
        )
    ]
    asked = read_suite(f"delivery.{authority}")["expectations"]
    assert [(one["meta"]["dataset"], one["type"], one["kwargs"]) for one in asked] == wanted
    assert len(wanted) > 100
    changed = read_suite(f"delivery.{authority}", month)["expectations"]
    assert [one["id"] for one in changed] == [one["id"] for one in asked]


def test_a_composed_rule_keeps_the_id_under_which_gates_are_on_record():
    """Where it changed, `gates --re-decide` would call every rule of the past a new one."""
    ids = {one["id"] for one in read_suite("delivery.la01")["expectations"]}
    assert LA01_HAS_FAMILIES in ids
