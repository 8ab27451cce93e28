"""Thresholds without running again: what `gates --re-decide` says is what a run then comes to."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import MONTHS
from tests.support.commands import REPO, run_cli
from tests.support.delivered import (
    delivered_heading,
    file_of,
    lines_of,
    rewrite,
    text_authorities,
)
from tf_pipeline.deliveries.intake import ingest_delivery
from tf_pipeline.preview.thresholds import Redecision, redecide_gates
from tf_pipeline.quality.table_gates import gate_table
from tf_pipeline.vocabulary import GateOutcome, Outcome
from tf_pipeline.warehouse.connect import reader, writer
from tf_pipeline.warehouse.gate_records import stored_gates

FIRST, MONTH = MONTHS[0], MONTHS[-1]
REGEX = "expect_column_values_to_match_regex"
TABLES = [
    ["staging", "stg_families"],
    ["staging", "stg_people"],
    ["intermediate", "int_incidents"],
    ["intermediate", "int_family_needs"],
    ["gm", "need_prevalence"],
    ["gm", "interventions"],
]


@pytest.fixture
def suites(loaded_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Suites of the test's own, and this process pointed at them and at a loaded sample."""
    folder = tmp_path / "expectations"
    shutil.copytree(REPO / "expectations", folder)
    monkeypatch.setenv("TF_DATA_DIR", str(loaded_copy))
    monkeypatch.setenv("TF_EXPECTATIONS", str(folder))
    monkeypatch.setenv("TF_DEBUG", "1")
    return folder


@pytest.fixture
def who() -> str:
    return text_authorities()[0]


def change(suites: Path, suite: str, how: Callable[[dict], object]) -> None:
    """Hands every expectation of a suite to `how`."""
    path = suites / f"{suite}.json"
    content = json.loads(path.read_text("utf-8"))
    for expectation in content["expectations"]:
        how(expectation)
    path.write_text(json.dumps(content), "utf-8")


def override(suites: Path, who: str, **cells: str) -> str:
    """Adds a row on the date on which families are referred; returns it."""
    row = {
        "authority": who,
        "dataset": "families",
        "field": "start_date",
        "rule": REGEX,
        "valid_from": f"{MONTH}-01",
        "reviewed_by": "role:gm-analyst",
        "reviewed_on": "2016-06-30",
        **cells,
    }
    path = suites / "delivery_overrides.csv"
    header = path.read_text("utf-8").splitlines()[0]
    line = ",".join(row.get(name, "") for name in header.split(","))
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    return line


def mostly(share: float, column: str) -> Callable[[dict], object]:
    def how(rule: dict) -> None:
        if rule["kwargs"].get("column") == column and "mostly" in rule["kwargs"]:
            rule["kwargs"]["mostly"] = share

    return how


def unreadable(inbox: Path, who: str, share: float) -> None:
    """Spoils a share of the dates on which families were referred, rounded up."""
    path = file_of(inbox / MONTH, who, "families")
    first, *rows = lines_of(path, who, "families")
    column = first.split(",").index(delivered_heading(first, who, "start_date"))
    for number in range(int(len(rows) * share) + 1):
        cells = rows[number].split(",")
        cells[column] = "soon"
        rows[number] = ",".join(cells)
    rewrite(path, who, "families", [first, *rows])


def again(gate: str, month: str = MONTH) -> Redecision:
    with reader("test") as connection:
        (one,) = [g for g in stored_gates(connection) if (g.month, g.gate) == (month, gate)]
        (found,) = redecide_gates(connection, [one])
    return found


def proved(inbox: Path, who: str, month: str = MONTH) -> Redecision:
    """Decided again; then the delivery is judged again and must come to the same."""
    found = again(f"delivery.{who}", month)
    assert found.changes and not found.must_be_run
    taken = ingest_delivery(who, month, inbox)
    assert (taken.outcome, taken.gate.outcome) == (found.delivery_now, found.found.outcome)
    assert [r.passed for r in taken.gate.rules] == [r.passed for r in found.found.rules]
    assert not again(f"delivery.{who}", month).changes
    return found


def test_a_raised_threshold_would_reject_what_was_accepted(suites, who, inbox):
    folder = inbox(MONTH)
    unreadable(folder, who, 0.02)
    assert ingest_delivery(who, MONTH, folder).outcome is Outcome.ACCEPTED
    assert again(f"delivery.{who}").gate.outcome == GateOutcome.PASSED_WITH_FAILURES
    assert not again(f"delivery.{who}").changes
    change(suites, "delivery", mostly(0.999, "start_date"))
    found = proved(folder, who)
    assert (found.delivery_before, found.delivery_now) == (Outcome.ACCEPTED, Outcome.REJECTED)
    (rule,) = found.found.changed
    assert (rule.column, rule.failed > 0, rule.threshold) == ("start_date", True, 0.999)


def test_a_lowered_threshold_would_accept_what_was_rejected(suites, who, inbox):
    folder = inbox(MONTH)
    unreadable(folder, who, 0.2)
    assert ingest_delivery(who, MONTH, folder).outcome is Outcome.REJECTED
    change(suites, "delivery", mostly(0.7, "start_date"))
    found = proved(folder, who)
    assert (found.delivery_before, found.delivery_now) == (Outcome.REJECTED, Outcome.ACCEPTED)


@pytest.mark.parametrize(
    ("spoilt", "cells", "before", "now"),
    [
        (0.02, {"threshold": "0.999"}, Outcome.ACCEPTED, Outcome.REJECTED),
        (0.2, {"threshold": "0.7", "why": "Typed by hand."}, Outcome.REJECTED, Outcome.ACCEPTED),
        (0.2, {"severity": "warning", "why": "Dates are new."}, Outcome.REJECTED, Outcome.ACCEPTED),
    ],
)
def test_one_row_changes_what_becomes_of_a_delivery(suites, who, inbox, spoilt, cells, before, now):
    folder = inbox(MONTH)
    unreadable(folder, who, spoilt)
    assert ingest_delivery(who, MONTH, folder).outcome is before
    # of another authority, and of another time
    override(suites, text_authorities()[1], **cells)
    override(suites, who, **cells, valid_from="2016-06-01")
    assert not again(f"delivery.{who}").changes
    override(suites, who, **cells, valid_to="2016-05-31")
    found = proved(folder, who)
    assert (found.delivery_before, found.delivery_now) == (before, now)
    (rule,) = found.found.changed
    assert rule.column == "start_date"
    assert rule.why.endswith(cells.get("why", "."))


def test_more_rows_to_ask_for_and_half_the_rows_no_longer_critical(suites, who, inbox):
    folder = inbox(MONTH)
    path = file_of(folder / MONTH, who, "people")
    lines = lines_of(path, who, "people")
    rewrite(path, who, "people", lines[: len(lines) // 3])
    assert ingest_delivery(who, MONTH, folder).outcome is Outcome.HELD

    def share(of_last: float) -> Callable[[dict], None]:
        def how(rule: dict) -> None:
            if rule["meta"].get("rule") == "HALF_ROWS":
                rule["meta"]["share_of_last"] = of_last

        return how

    change(suites, "delivery", share(0.2))
    assert proved(folder, who).delivery_now is Outcome.ACCEPTED
    change(suites, "delivery", share(0.9))
    assert proved(folder, who).delivery_now is Outcome.HELD

    def to_warning(rule: dict) -> None:
        if rule["meta"].get("rule") == "HALF_ROWS":
            rule["severity"] = "warning"

    change(suites, "delivery", to_warning)
    found = proved(folder, who)
    assert (found.delivery_before, found.delivery_now) == (Outcome.HELD, Outcome.ACCEPTED)

    def many(rule: dict) -> None:
        if rule["kwargs"].get("min_value") == 1 and rule["meta"]["dataset"] == "people":
            rule["kwargs"]["min_value"] = len(lines)

    change(suites, "delivery", many)
    assert proved(folder, who).delivery_now is Outcome.REJECTED


def test_a_missing_heading_that_matters_less(suites, who, inbox):
    folder = inbox(MONTH)
    path = file_of(folder / MONTH, who, "families")
    lines = lines_of(path, who, "families")
    heading = delivered_heading(lines[0], who, "end_date")
    rewrite(path, who, "families", [lines[0].replace(heading, "Finito"), *lines[1:]])
    assert ingest_delivery(who, MONTH, folder).outcome is Outcome.HELD

    def to_warning(rule: dict) -> None:
        if rule["kwargs"].get("column") == "end_date" and rule["meta"]["dataset"] == "families":
            rule["severity"] = "warning"

    change(suites, "delivery", to_warning)
    assert proved(folder, who).delivery_now is Outcome.ACCEPTED


def test_what_else_speaks_against_a_delivery_still_does(suites, who, inbox):
    """Its gate would pass; that its dates are another month's still holds it."""
    folder = inbox(MONTH)
    unreadable(folder, who, 0.2)
    (folder / MONTH).rename(folder / FIRST)
    assert ingest_delivery(who, FIRST, folder).outcome is Outcome.REJECTED
    change(suites, "delivery", mostly(0.7, "start_date"))
    found = proved(folder, who, FIRST)
    assert found.found.outcome is GateOutcome.PASSED_WITH_FAILURES
    assert found.delivery_now is Outcome.HELD


@pytest.mark.parametrize("share", [0.5, 0.9, 0.97, 1.0])
def test_every_layer_comes_to_the_same_as_a_run(suites, share):
    """Tables with blanks in every thirtieth row; thresholds and severities changed throughout."""
    turn = {"critical": "warning", "warning": "critical", "info": "critical"}

    def how(rule: dict) -> None:
        number = int(rule["id"].replace("-", "")[:6], 16)
        if rule["type"].startswith("expect_table_row_count"):
            rule["kwargs"] |= {"min_value": 1 + number % 3 * 50, "max_value": 10**6}
        elif rule["type"].startswith(("expect_column_values_", "expect_compound_columns_")):
            rule["kwargs"]["mostly"] = share
        if number % 4 == 0:
            rule["severity"] = turn[rule["severity"]]

    names = [".".join(key) for key in TABLES]
    with writer("test") as connection:
        for (schema, table), name in zip(TABLES, names, strict=True):
            rules = json.loads((suites / f"{name}.json").read_text("utf-8"))["expectations"]
            blank = {r["kwargs"]["column"] for r in rules if r["type"].endswith("_not_be_null")}
            for column in sorted(blank - {"month"}):
                connection.execute(
                    f'update {schema}.{table} set "{column}" = null where rowid % 30 = 0'
                )
        before = [gate_table(connection, key, MONTH, "test") for key in TABLES]
    for name in names:
        change(suites, name, how)
    with reader("test") as connection:
        gates = {g.gate: g for g in stored_gates(connection) if g.month == MONTH}
        found = redecide_gates(connection, [gates[name] for name in names])
    with writer("test") as connection:
        real = [gate_table(connection, key, MONTH, "test") for key in TABLES]
    for one, gate in zip(found, real, strict=True):
        assert one.found.again == {}
        assert [(r.rule, r.severity, r.passed, r.failed) for r in one.found.rules] == [
            (r.rule, r.severity, r.passed, r.failed) for r in gate.rules
        ]
        assert one.found.outcome is gate.outcome, gate.suite
    assert sum(rule.failed or 0 for gate in before for rule in gate.rules) > 100
    assert {one.found.outcome for one in found} != {GateOutcome.PASSED}


def test_at_the_terminal(suites, loaded_copy, who, inbox):
    own = {"TF_EXPECTATIONS": str(suites)}
    ran = run_cli(loaded_copy, "gates", "--re-decide", **own)
    assert ran.code == 0, ran.output
    assert "would not change" in ran.output and "tf-pipeline load" not in ran.output

    folder = inbox(MONTH)
    unreadable(folder, who, 0.02)
    ingest_delivery(who, MONTH, folder)
    ran = run_cli(loaded_copy, "gates", "--authority", who, **own)
    assert ran.code == 0
    assert "Passed with failures under the threshold: 1 gate" in ran.output
    assert f"families {REGEX}(start_date): " in ran.output
    assert "values fail, 95% must pass" in ran.output

    override(suites, who, threshold="0.999")
    columns = {"column": "start_date", "value_set": ["x"]}
    new = {"type": "expect_column_values_to_be_in_set", "severity": "warning", "kwargs": columns}
    change(
        suites,
        "staging.stg_families",
        lambda rule: rule.update(new) if "mostly" not in rule["kwargs"] else None,
    )
    kept = (loaded_copy / "warehouse/warehouse.duckdb").read_bytes()
    ran = run_cli(loaded_copy, "gates", "--re-decide", "--month", MONTH, **own)
    assert ran.code == 3, ran.output
    assert f"{who}'s delivery was accepted and would be rejected" in ran.output
    assert "staging.stg_families: passed -> must run again" in ran.output
    assert f"Deliveries that would be rejected: {who} {MONTH}." in ran.output
    assert f"To apply the change: tf-pipeline load {MONTH}." in ran.output
    assert (loaded_copy / "warehouse/warehouse.duckdb").read_bytes() == kept


def test_the_commands_of_the_readme_of_expectations(suites, loaded_copy):
    """Its row is a row that holds, and its commands do what it says that they do."""
    text = (suites / "README.md").read_text("utf-8")
    (row,) = re.findall(r"^\+(la\d\d,.*)$", text, re.MULTILINE)
    with (suites / "delivery_overrides.csv").open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    commands = re.findall(r"^\.venv/bin/tf-pipeline ([^#\n]*)", text, re.MULTILINE)
    assert len(commands) >= 3
    for command in commands:
        ran = run_cli(loaded_copy, *command.split(), TF_EXPECTATIONS=str(suites))
        assert ran.code == 0, (command, ran.output)
        if command.startswith("suite"):
            _, authority, *_ = command.split()
            assert authority == row.split(",")[0]
            (rule,) = [
                one for one in json.loads(ran.output)["expectations"] if "override" in one["meta"]
            ]
            assert rule["kwargs"]["mostly"] == float(row.split(",")[4])


def test_crosswalks_or_shapes_that_changed_since_are_named(loaded, tmp_path):
    """What was counted with others may count otherwise: that is said, and not guessed."""
    shapes = tmp_path / "authorities"
    shutil.copytree(REPO / "tf_pipeline/authorities", shapes)
    said = f"shapes have changed since the release of {FIRST}, {MONTH}"
    ran = run_cli(loaded.data, "gates", "--re-decide", TF_AUTHORITIES=str(shapes))
    assert (ran.code, said in ran.output) == (0, False), ran.output
    with next(shapes.glob("*.yml")).open("a", encoding="utf-8") as file:
        file.write("# looked at again\n")
    ran = run_cli(loaded.data, "gates", "--re-decide", TF_AUTHORITIES=str(shapes))
    assert (ran.code, said in ran.output) == (0, True), ran.output


def test_without_a_warehouse_a_sentence(tmp_path):
    for more in ((), ("--re-decide",)):
        ran = run_cli(tmp_path / "none", "gates", *more)
        assert ran.code == 1
        assert ran.output.strip() == "No gate has run yet. Load a month: tf-pipeline load MONTH"
    assert not (tmp_path / "none").exists()


def test_what_is_not_there_is_said(loaded):
    ran = run_cli(loaded.data, "gates", "--month", "2031-01")
    assert (ran.code, "gates have run for 2016-04, 2016-05" in ran.output) == (1, True)
    ran = run_cli(loaded.data, "gates", "--authority", "nobody")
    assert (ran.code, "No delivery of 'nobody'" in ran.output) == (1, True)
    assert run_cli(loaded.data, "gates", "--month", "May").code == 2


def test_every_gate_keeps_the_counts_of_its_rules(warehouse):
    """As many rows as rules, for the release too; and no text that could be a value."""
    found = warehouse.execute(
        "with kept as (select month, gate, count(*) as n from ops.gate_rules group by all) "
        "select count(*), count(*) filter (where rules = n) from ops.gates "
        "left join kept using (month, gate)"
    ).fetchone()
    assert found[0] == found[1] > 100
    layers = warehouse.execute("select distinct layer from ops.gate_rules").fetchall()
    assert {"delivery", "standing", "publication"} <= {layer for (layer,) in layers}
    given = warehouse.execute("select distinct given::varchar from ops.gate_rules").fetchall()
    for (text,) in given:
        assert all(v is None or isinstance(v, int) for v in json.loads(text).values())


def test_the_release_has_each_gate_once(baseline):
    doubled = baseline.execute(
        "select month, gate from gm.gates group by all having count(*) > 1"
    ).fetchall()
    assert doubled == []
