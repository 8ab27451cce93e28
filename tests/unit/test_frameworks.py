"""Dated reference data as Python reads it: frameworks, words and declarations of a dataset."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.support.commands import REPO
from tests.support.eleventh import NEW, add
from tf_pipeline.rules.frameworks import (
    criteria,
    framework_in_force,
    frameworks,
    need_fields,
)
from tf_pipeline.rules.month_rules import month_rules

MONTH = "2022-11"


@pytest.fixture
def seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the seeds, to which rows may be added."""
    shutil.copytree(REPO / "dbt_project/seeds", tmp_path / "seeds")
    monkeypatch.setenv("TF_DBT_DIR", str(tmp_path))
    return tmp_path / "seeds"


def test_the_framework_changes_on_its_day_and_needs_are_never_renumbered():
    six, ten = frameworks()
    assert framework_in_force("2016-04") == framework_in_force("2022-09") == six
    assert framework_in_force("2022-10") == framework_in_force(MONTH) == ten
    assert (six.needs_required, ten.needs_required) == (2, 3)
    assert list(six.needs) == list(range(1, 7))
    assert list(ten.needs) == list(range(11, 21))
    assert need_fields() == [f"need_{code}" for code in (*range(1, 7), *range(11, 21))]


def test_every_need_of_a_framework_is_a_criterion_of_it():
    for one in frameworks():
        by_criterion = criteria(one)
        assert set(by_criterion) == set(one.needs.values())
        assert all(code in by_criterion[need] for code, need in one.needs.items())


def test_no_framework_or_two_are_said_so(seeds: Path):
    with pytest.raises(LookupError, match="1999-01: 0 frameworks"):
        framework_in_force("1999-01")
    path = seeds / "reference/ref_frameworks.csv"
    rows = pl.read_csv(path, infer_schema=False)
    rows.with_columns(pl.lit(None, pl.String).alias("valid_to")).write_csv(path)
    with pytest.raises(LookupError, match="2 frameworks"):
        framework_in_force(MONTH)


def test_words_of_a_whole_dataset_speak_of_the_fields_that_may_say_them(seeds: Path):
    add(
        seeds / "crosswalks/xwalk_values.csv",
        [
            {"dataset": "*", "field": "*", "delivered": "?", "canonical": "not_known"},
            {"dataset": "needs", "field": "*", "delivered": "Yo", "canonical": "yes"},
            {"dataset": "needs", "field": "*", "delivered": " NK", "canonical": "not_known"},
            {"dataset": "needs", "field": "need_11", "delivered": "yo", "canonical": "no"},
        ],
    )
    known = month_rules(NEW, MONTH).known_words
    # canonical values are words for themselves
    own = {"?", "yes", "no", "not_known", "not_held"}
    assert set(known[("needs", "need_11")]) == {"nk", "yo", *own}
    assert set(known[("needs", "need_status")]) == {"nk", "yo", *own}
    # a basis or a number cannot be a yes; nothing can be known of anything
    assert set(known[("needs", "debt")]) == {"nk", "?"}
    assert {"nk", "police"} <= set(known[("needs", "need_13_basis")])
    assert not {"yo", "yes"} & set(known[("needs", "need_13_basis")])
    assert set(known[("people", "sex")]) == {"?", "female", "male", "not_known"}


def test_what_is_declared_of_a_field_wins_over_its_dataset(seeds: Path):
    add(
        seeds / "declarations/authority_declarations.csv",
        [
            {"topic": "zero_means", "subject": "needs.need_12", "value": "not_held"},
            {"topic": "zero_means", "subject": "needs.*", "value": "no"},
            {"topic": "comparison_listing", "subject": "people", "value": "only_with_issues"},
        ],
    )
    said = month_rules(NEW, MONTH).declared
    zeros = said["zero_means"]
    assert (zeros["needs.need_11"], zeros["needs.need_12"]) == ("no", "not_held")
    assert not any(subject.startswith("incidents") for subject in zeros)
    assert said["comparison_listing"] == {"people": "only_with_issues"}
