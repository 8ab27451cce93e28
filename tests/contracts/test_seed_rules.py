"""A rule of a seed has one home: an edit there changes the early refusal and the gate alike."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.support.commands import REPO
from tf_pipeline import paths
from tf_pipeline.quality.gate import run_gate
from tf_pipeline.quality.set_based import answers
from tf_pipeline.quality.suites import read_suite
from tf_pipeline.seeds.declared_values import KNOWN_DECLARATIONS
from tf_pipeline.seeds.known_words import KNOWN
from tf_pipeline.seeds.rulebook import examine
from tf_pipeline.seeds.seed_files import LINE, NEVER_EMPTY, ROLES, declared, read_seed
from tf_pipeline.seeds.suite_files import seed_suite
from tf_pipeline.seeds.suite_rules import as_built
from tf_pipeline.vocabulary import Severity

LEVELS = "xwalk_intensity_levels"
SEEDS = {path.stem: path for path in (REPO / "dbt_project/seeds").glob("*/*.csv")}
ENTRIES = declared(REPO / "dbt_project/seeds/_seeds.yml")
FILLED, WORDS = "expect_column_values_to_not_be_null", "expect_column_values_to_be_in_set"
PAIR = "expect_column_pair_values_a_to_be_greater_than_b"


def table(seed: str) -> pl.DataFrame:
    """A committed seed as its gate sees it."""
    rows, _ = read_seed(SEEDS[seed])
    return as_built(rows, ENTRIES[seed]).drop(LINE)


def test_a_rule_edited_in_its_one_home_changes_the_refusal_and_the_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(paths.expectations_dir(), tmp_path / "expectations")
    monkeypatch.setenv("TF_EXPECTATIONS", str(tmp_path / "expectations"))
    path, rows = tmp_path / f"expectations/{seed_suite(LEVELS)}.json", table(LEVELS)
    assert not examine().findings
    assert run_gate(seed_suite(LEVELS), {"": rows}).is_open
    suite = json.loads(path.read_text("utf-8"))
    (rule,) = [
        one
        for one in suite["expectations"]
        if (one["type"], one["kwargs"].get("column")) == (WORDS, "level_rule")
    ]
    rule["kwargs"]["value_set"].remove("hours")
    path.write_text(json.dumps(suite), "utf-8")
    lines = rows.filter(level_rule="hours")["row_number"].to_list()
    early = [(f.file, f.line, f.rule) for f in examine().findings]
    assert lines and early == [(f"{LEVELS}.csv", line, "LEVEL_RULE_UNKNOWN") for line in lines]
    (failed,) = run_gate(seed_suite(LEVELS), {"": rows}).failed_rules
    assert (failed.expectation_id, failed.failed) == (rule["id"], len(lines))
    # a warning is for the page of the gate, not for a refusal
    rule["severity"] = "warning"
    path.write_text(json.dumps(suite), "utf-8")
    assert not examine().findings
    assert run_gate(seed_suite(LEVELS), {"": rows}).is_open


@pytest.mark.parametrize("seed", SEEDS)
def test_every_critical_rule_of_a_seed_is_asked_early(seed: str) -> None:
    rules = read_suite(seed_suite(seed))["expectations"]
    critical = [rule for rule in rules if rule["severity"] == Severity.CRITICAL]
    assert critical
    assert {*answers(critical, table(seed), {})} == {rule["id"] for rule in critical}


@pytest.mark.parametrize("seed", SEEDS)
def test_no_suite_repeats_a_rule_that_is_stated_elsewhere(seed: str) -> None:
    grain = [*ENTRIES[seed].grain]
    listed = {known.column for known in (*KNOWN, *KNOWN_DECLARATIONS) if known.seed == seed}
    filled = {
        known.column
        for known in (*KNOWN, *KNOWN_DECLARATIONS)
        if known.seed == seed and not known.empty
    }
    for rule in read_suite(seed_suite(seed))["expectations"]:
        kind, kwargs = rule["type"], rule["kwargs"]
        column = kwargs.get("column")
        assert kwargs.get("column_list") != grain, "the grain is in _seeds.yml"
        assert not (kind.endswith("_be_unique") and [column] == grain), "the grain is in _seeds.yml"
        assert (kind, kwargs.get("column_A")) != (PAIR, "valid_to"), "seed_files.py"
        assert not (kind == FILLED and column in {*NEVER_EMPTY, *filled}), column
        assert not (kind == WORDS and column in listed), f"{column}: known_words.py lists them"
        assert not (kind.endswith("_to_match_regex") and column in {*ROLES, *listed}), column
