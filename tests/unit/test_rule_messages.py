"""Every rule that a finding can have is one row of ref_messages.csv, and every row is used."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support.commands import REPO
from tf_pipeline.deliveries.messages import TEXTS
from tf_pipeline.rules.crosswalks import seed
from tf_pipeline.rules.rule_messages import OF_A_FINDING, finding, message_text
from tf_pipeline.vocabulary import Severity

ROWS = {row["rule"]: row for row in seed("reference/ref_messages.csv").to_dicts()}
CALLS = ("finding", "message_text", "problem")
# arguments of `problem` that are not for the text
NO_VALUES = {"outcome"}
RULE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|RESENT|CONFIRMED|MISDIRECTED|REDELIVERED")
# filled in by work_list.sql
OF_DBT = {"local_name", "supplied_level", "agreed_level"}


def calls() -> Iterator[tuple[ast.Call, list[str], str]]:
    """Each call that makes a text, the rules it may name, and where it is."""
    for path in (REPO / "tf_pipeline").rglob("*.py"):
        if path.name == "rule_messages.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if named and node.func.id in CALLS and node.args:
                texts = [n.value for n in ast.walk(node.args[0]) if isinstance(n, ast.Constant)]
                yield node, [t for t in texts if isinstance(t, str)], f"{path}:{node.lineno}"


def rules_of_dbt() -> set[str]:
    """Rules in the models that find something: schema audit, the work list, months of incidents."""
    models = [*(REPO / "dbt_project/models").glob("audit/*.sql")]
    models += (REPO / "dbt_project/models").glob("*/work_list.sql")
    models += (REPO / "dbt_project/models").glob("staging/stg_incidents.sql")
    return {
        rule
        for path in models
        for rule in re.findall(r"'([A-Z_]+)'", path.read_text("utf-8"))
        if RULE.fullmatch(rule)
    }


def test_every_rule_has_a_text_and_every_text_a_rule():
    of_python = {rule for _, rules, _ in calls() for rule in rules if RULE.fullmatch(rule)}
    # chosen by a variable: the kind of a suite's rule, and what opening a workbook finds
    of_python |= {
        *TEXTS.values(),
        "SUITE_RULE",
        "SUITE_RULE_TABLE",
        "WORKBOOK_UNREADABLE",
        "PASSWORD_PROTECTED",
    }
    of_python |= {"REDELIVERED", "CHOICE_ENDED"}
    assert of_python | rules_of_dbt() == set(ROWS)


def test_every_call_has_the_values_that_its_text_needs():
    for call, rules, place in calls():
        given = {keyword.arg for keyword in call.keywords}
        for rule in filter(RULE.fullmatch, rules):
            needed = set((ROWS[rule]["placeholders"] or "").split())
            # a place, given as **place, has only fields of a finding
            missing = needed - given - (set(OF_A_FINDING) if None in given else set())
            assert not missing, (place, rule, missing)
            unknown = given - {None} - needed - set(OF_A_FINDING) - NO_VALUES
            assert rule.startswith("SUITE_RULE") or not unknown, (place, rule, unknown)


def test_a_text_of_dbt_has_only_placeholders_that_dbt_fills():
    for rule in rules_of_dbt():
        assert set((ROWS[rule]["placeholders"] or "").split()) <= OF_DBT, rule


def test_every_text_says_what_was_found_and_what_is_expected():
    for rule, row in ROWS.items():
        assert rule == "HELD_UNTIL_CONFIRMED" or row["expected"], rule
        texts = row["message"] + (row["expected"] or "")
        assert set(re.findall(r"{(\w+)}", texts)) == set((row["placeholders"] or "").split()), rule
        assert not row["message"].endswith("."), rule


def test_a_finding_has_its_rows_text_severity_and_responsible():
    said = finding("FORMULA_CELLS", file_name="a.xlsx", occurrences=3, without_value=0)
    assert (said.severity, said.responsible, said.occurrences) == (Severity.WARNING, "authority", 3)
    assert str(said).startswith("a.xlsx: 3 cells are formulas. ")
    assert said.message.endswith(f". Expected: {said.expected}")
    assert finding("NOT_VALIDATED", problem="KeyError").responsible == "gm"
    suites = finding("HALF_ROWS", observed=1, least=9, why="Half.", severity=Severity.INFO)
    assert suites.severity == "info" and "Half. Expected: the whole" in suites.message
    with pytest.raises(KeyError):
        finding("FORMULA_CELLS", file_name="a.xlsx")
    with pytest.raises(KeyError):
        message_text("NOBODYS_RULE")
