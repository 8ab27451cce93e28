"""A gate's four outcomes are told apart in every place that shows one, with rules and counts."""

import json
import re
from pathlib import Path

import dagster as dg
import duckdb
import polars as pl
import pytest
from rich.console import Console

from tests.unit.test_pack import NOW, WHO, release
from tf_pipeline import paths
from tf_pipeline.commands.gates_report import show_gate_lines, show_gates
from tf_pipeline.defs.checks import check_result
from tf_pipeline.pages.pack_files import PAGE, write_pack
from tf_pipeline.pages.pack_release import pack_of_release
from tf_pipeline.quality.gate import run_gate
from tf_pipeline.quality.gate_pages import write_gate_pages
from tf_pipeline.quality.gate_result import GateResult
from tf_pipeline.releases.queries import gate_lines
from tf_pipeline.vocabulary import GateOutcome
from tf_pipeline.warehouse.connect import LANDING_SQL
from tf_pipeline.warehouse.gate_records import record_gate, stored_gates

SEXES = pl.DataFrame({"sex": [*["F"] * 18, "X", "X"]})
# what each asks of the sexes, and what is then said of its rule
ASKED = {
    GateOutcome.PASSED: ({"value_set": ["F", "X"]}, ""),
    GateOutcome.PASSED_WITH_FAILURES: (
        {"value_set": ["F"], "mostly": 0.85},
        "2 of 20 values fail, 85% must pass",
    ),
    GateOutcome.FAILED: (
        {"value_set": ["F"], "mostly": 0.95},
        "failed: 2 of 20 values fail, 95% must pass",
    ),
    GateOutcome.COULD_NOT_RUN: ({"value_set": ["F"], "mostly": 2}, "could not run: "),
}
SAID = [
    "passed",
    "passed with failures under the threshold",
    "failed",
    "could not run",
]


@pytest.fixture(scope="module")
def gates(tmp_path_factory: pytest.TempPathFactory) -> dict[GateOutcome, GateResult]:
    """One gate of each outcome, as Great Expectations judges it."""
    folder = tmp_path_factory.mktemp("expectations")
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TF_EXPECTATIONS", str(folder))
        for outcome, (kwargs, _) in ASKED.items():
            share = {"mostly": {"$PARAMETER": "share"}} if "mostly" in kwargs else {}
            suite = {
                "name": f"gm.{outcome}",
                "expectations": [
                    {
                        "id": "rule",
                        "type": "expect_column_values_to_be_in_set",
                        "severity": "critical",
                        "kwargs": {"column": "sex", **kwargs, **share},
                        "meta": {"why": "Sexes are words."},
                    }
                ],
                "meta": {"parameters": {"share": "of values that must pass"}},
            }
            (folder / f"gm.{outcome}.json").write_text(json.dumps(suite), "utf-8")
            given = {"share": kwargs.get("mostly")}
            found[outcome] = run_gate(f"gm.{outcome}", {"": SEXES}, given)
            assert found[outcome].outcome is outcome
    return found


@pytest.fixture
def register(gates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A warehouse with nothing in it but these gates."""
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path))
    paths.warehouse_path().parent.mkdir()
    with duckdb.connect(str(paths.warehouse_path())) as connection:
        connection.execute(LANDING_SQL)
        for gate in gates.values():
            record_gate(connection, NOW, "marts", "gm", gate)
    return paths.warehouse_path()


def test_in_the_dagster_ui(gates):
    checks = [check_result(["gm", outcome], gate) for outcome, gate in gates.items()]
    warn, error = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR
    assert [(check.passed, check.severity) for check in checks] == [
        (True, error),
        (False, warn),
        (False, error),
        (False, error),
    ]
    assert [check.metadata["outcome"].value for check in checks] == list(GateOutcome)
    assert len({check.description for check in checks}) == 4
    assert "2 of 20 values fail, 85% must pass" in checks[1].description
    places = [None, "rules_under_the_threshold", "failed_rules", "could_not_run_rules"]
    for check, place, (_, said) in zip(checks, places, ASKED.values(), strict=True):
        others = {name for name in places if name and name != place}
        assert not others & set(check.metadata)
        assert place is None or said in check.metadata[place].value


def test_on_the_gates_pages(gates, tmp_path, monkeypatch):
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path))
    index = write_gate_pages(list(gates.values()), "A test", NOW)
    months = index.read_text("utf-8")
    for outcome, said in zip(gates, SAID, strict=True):
        assert f'<span class="outcome {outcome}">1 {said}</span>' in months
        page = (index.parent / NOW / f"gm.{outcome}.html").read_text("utf-8")
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
        assert f"gm.{outcome} {said} 20 rows" in text
        is_below = outcome is GateOutcome.PASSED_WITH_FAILURES
        assert ("Rules that pass, although some values fail them: " in text) == is_below
        assert ("1 passed with failures under the threshold" in text) == is_below
        assert not is_below or text.count(ASKED[outcome][1]) == 2


def test_at_the_terminal(register):
    out = Console(record=True, width=200)
    with duckdb.connect(str(register), read_only=True) as connection:
        show_gates(out, stored_gates(connection))
    blocks = out.export_text().split(": 1 gate\n")
    for said, outcome in zip(blocks, reversed(GateOutcome), strict=False):
        assert said.rstrip().splitlines()[-1].lower() == outcome.in_words
    for said, outcome in zip(blocks[1:], reversed(GateOutcome), strict=True):
        assert f"gm.{outcome}" in said and ASKED[outcome][1] in said


def test_in_status_and_after_a_load(register):
    out = Console(record=True, width=200)
    show_gate_lines(out, gate_lines())
    first, *others = out.export_text().rstrip().splitlines()
    assert first == f"Gates of {NOW}: " + ", ".join(f"1 {said}" for said in SAID) + "."
    worst_first = list(reversed(list(zip(GateOutcome, SAID, strict=True))))[:3]
    for line, (outcome, said) in zip(others, worst_first, strict=True):
        rule = f"expect_column_values_to_be_in_set(sex) ({ASKED[outcome][1]}"
        assert line.startswith(f"  gm.{outcome} {said}: {rule}")


def test_in_a_fix_pack(gates, tmp_path):
    for outcome, said in zip(gates, SAID, strict=True):
        connection = release({})
        connection.execute(
            "insert into gm.gates values (?, ?, ?, 1, 0, 20, ?)",
            [NOW, f"delivery.{WHO}", outcome, gates[outcome].in_short],
        )
        write_pack(pack_of_release(connection, NOW, WHO), tmp_path)
        page = (tmp_path / PAGE).read_text("utf-8")
        assert f"Gate of the delivery: {said}: 1 rules" in page
        assert ASKED[outcome][1] in page
