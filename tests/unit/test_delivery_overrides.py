"""An override that does not hold is refused with file, line and what is accepted."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.commands import REPO, run_cli
from tf_pipeline.quality.suites import read_suite
from tf_pipeline.seeds.rulebook import RuleProblem, check_rules, examine
from tf_pipeline.seeds.seed_files import RuleFinding

FILE = "delivery_overrides.csv"
ROW = {
    "authority": "la03",
    "dataset": "families",
    "field": "start_date",
    "rule": "expect_column_values_to_match_regex",
    "threshold": "0.99",
    "valid_from": "2016-04-01",
    "reviewed_by": "role:gm-analyst",
    "reviewed_on": "2016-06-30",
}
HALF = {"field": "", "rule": "HALF_ROWS"}
ROWS = {"field": "", "rule": "expect_table_row_count_to_be_between"}
LATER = {"valid_from": "2016-06-01"}
WHY = {"why": "Its workers type the dates by hand."}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The committed expectations, copied."""
    shutil.copytree(REPO / "expectations", tmp_path / "expectations")
    monkeypatch.setenv("TF_EXPECTATIONS", str(tmp_path / "expectations"))
    return tmp_path / "expectations"


@pytest.fixture
def write(folder: Path) -> Callable[..., None]:
    """Writes rows, each ROW but for the cells given."""

    def write(*rows: dict[str, str]) -> None:
        with (folder / FILE).open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        with (folder / FILE).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(ROW | row for row in rows)

    return write


def refused() -> list[RuleFinding]:
    with pytest.raises(RuleProblem) as caught:
        check_rules()
    return caught.value.findings


@pytest.mark.parametrize(
    "rows",
    [
        [{}],
        [{"threshold": "1"}],
        [{"threshold": "0.8", **WHY}],
        [{"threshold": "", "severity": "info", **WHY}],
        [{"authority": "*", **HALF, "threshold": "0.6"}],
        [{**ROWS, "threshold": "100"}],
        # a warning may become weaker without a word
        [{"authority": "la10", "field": "work_began_date", "threshold": "0.5"}],
        # one after the other, and one of all beside one of its own
        [{"valid_to": "2016-05-31"}, LATER],
        [{}, {"authority": "*"}, {"authority": "la04"}],
    ],
)
def test_rows_that_hold(write: Callable[..., None], rows: list[dict[str, str]]) -> None:
    before = examine().rows
    write(*rows)
    check_rules()
    assert examine().rows == before + len(rows)


REFUSED = [
    ("AUTHORITY_UNKNOWN", "'la99' is no authority", "la01, la02", {"authority": "la99"}),
    ("DATASET_UNKNOWN", "'family' is no dataset of delivery.json", "families, incidents",
     {"dataset": "family"}),
    ("FIELD_UNKNOWN", "'began' is no field of families", "start_date", {"field": "began"}),
    ("RULE_UNKNOWN", "is no rule on families.start_date",
     "expect_column_to_exist, expect_column_values_to_match_regex", {"rule": "regex"}),
    ("RULE_UNKNOWN", "a rule on a field needs its field", "HALF_ROWS", {"field": ""}),
    ("SEVERITY_UNKNOWN", "'fatal' is no severity", "critical, warning, info or empty",
     {"severity": "fatal", **WHY}),
    ("THRESHOLD_UNREADABLE", "'97%' is no share", "from 0 to 1, such as 0.9",
     {"threshold": "97%"}),
    ("THRESHOLD_UNREADABLE", "'1.2' is no share", "from 0 to 1", {"threshold": "1.2"}),
    ("THRESHOLD_UNREADABLE", "'many' is no share", "from 0 to 1", {**HALF, "threshold": "many"}),
    ("THRESHOLD_UNREADABLE", "'0.5' is no number of rows", "a whole number such as 1",
     {**ROWS, "threshold": "0.5"}),
    ("THRESHOLD_NOT_EXPECTED", "expect_column_to_exist has no threshold", "threshold empty",
     {"rule": "expect_column_to_exist"}),
    ("REASON_MISSING", "threshold 0.95 to 0.9", "a reason such as", {"threshold": "0.9"}),
    ("REASON_MISSING", "threshold 0.5 to 0.4", "a reason", {**HALF, "threshold": "0.4"}),
    ("REASON_MISSING", "threshold 1 to 0", "a reason", {**ROWS, "threshold": "0"}),
    ("REASON_MISSING", "severity critical to warning", "a reason", {"severity": "warning"}),
    ("CHANGES_NOTHING", "neither threshold nor severity", "threshold 0.9", {"threshold": ""}),
    ("ROLE_UNREADABLE", "'Jane' is no role", "role:gm-analyst", {"reviewed_by": "Jane"}),
    ("ROLE_UNREADABLE", "'' is no role", "role:gm-analyst", {"reviewed_by": ""}),
    ("CELL_EMPTY", "reviewed_on is empty", "2016-06-30", {"reviewed_on": ""}),
    ("CELL_EMPTY", "valid_from is empty", "2016-04-01", {"valid_from": ""}),
    ("CELL_EMPTY", "authority is empty", "la05", {"authority": ""}),
    ("CELL_EMPTY", "rule is empty", "expect_column", {"rule": ""}),
    ("FIELD_NOT_SUPPLIED", "la03 does not supply families.work_began_date",
     "a row of xwalk_headings.csv", {"field": "work_began_date"}),
    ("DATE_UNREADABLE", "valid_from '1 May'", "2016-04-30", {"valid_from": "1 May"}),
    ("DATES_REVERSED", "valid_to 2016-03-31 lies before", "2016-04-01 or later",
     {"valid_to": "2016-03-31"}),
    # the row above it holds on the same days
    ("CONTRADICTORY", "both hold from 2016-06-01 for la03, families, start_date", "one of them",
     {**LATER, "threshold": "0.98"}),
    ("ROWS_OVERLAP", "both hold from 2016-06-01 for la03", "valid_to on the earlier", LATER),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "said", "accepted", "cells"), REFUSED)
def test_a_row_is_refused(
    write: Callable[..., None], rule: str, said: str, accepted: str, cells: dict[str, str]
) -> None:
    overlaps = cells.items() >= LATER.items()
    write({} if overlaps else {"authority": "la05"}, cells)
    (found,) = [finding for finding in refused() if finding.rule == rule]
    assert (found.file, found.line) == (FILE, 3)
    message, _, rest = found.message.partition("accepted: ")
    assert said in message
    assert accepted in rest


def test_files_that_cannot_be_read_are_named(folder: Path) -> None:
    whole = (folder / FILE).read_text("utf-8")
    (folder / FILE).write_text(whole.replace("severity", "gravity"), "utf-8")
    (found,) = refused()
    assert (found.file, found.rule) == (FILE, "COLUMNS_DIFFER")
    assert "without severity; unknown: gravity" in found.message
    (folder / FILE).unlink()
    assert [(f.file, f.rule) for f in refused()] == [(FILE, "FILE_MISSING")]
    (folder / FILE).write_text(whole, "utf-8")

    (folder / "delivery.la03.json").write_text("{}", "utf-8")
    assert [(f.file, f.rule) for f in refused()] == [("delivery.la03.json", "FILE_NOT_READ")]
    (folder / "delivery.la03.json").unlink()

    lines = (folder / "delivery.json").read_text("utf-8").splitlines()
    lines[9] = lines[9].removesuffix(",")
    (folder / "delivery.json").write_text("\n".join(lines), "utf-8")
    (found,) = refused()
    assert (found.file, found.line, found.rule) == ("delivery.json", 11, "NOT_JSON")
    (folder / "delivery.json").write_text('{"expectations": [{}]}', "utf-8")
    assert [(f.file, f.rule) for f in refused()] == [("delivery.json", "NOT_A_SUITE")]


def test_a_suite_that_no_gate_can_use_is_named_by_the_line_of_its_rule(folder: Path) -> None:
    for name, number in (("delivery", 7), ("gm.families", 2), ("reference.ref_values", 1)):
        path = folder / f"{name}.json"
        whole = path.read_text("utf-8")
        suite = json.loads(whole)
        suite["expectations"][number - 1]["severity"] = "fatal"
        path.write_text(json.dumps(suite, indent=2), "utf-8")
        (found,) = refused()
        assert (found.file, found.rule) == (f"{name}.json", "NOT_A_SUITE")
        assert f"expectation {number}: severity 'fatal' is not known" in found.message
        assert found.message.endswith("accepted: critical, warning, info")
        rule = suite["expectations"][number - 1]["id"]
        assert rule in path.read_text("utf-8").splitlines()[found.line]
        path.write_text(whole, "utf-8")
    check_rules()


def test_every_command_that_reads_them_refuses_them(
    folder: Path, tmp_path: Path, write: Callable[..., None]
) -> None:
    write({"threshold": "97%"})
    own = {"TF_EXPECTATIONS": str(folder)}
    for command in (["rules"], ["suite", "la03"], ["gates", "--re-decide"], ["load", "2016-04"]):
        ran = run_cli(tmp_path / "data", *command, **own)
        assert ran.code == 1, ran.output
        assert f"{FILE}, line 2: THRESHOLD_UNREADABLE: threshold '97%'" in ran.output, command
    assert not (tmp_path / "data/warehouse").exists()


def test_the_suite_of_a_month_is_printed(folder: Path, tmp_path: Path, write) -> None:
    write({"threshold": "0.97"})
    own = {"TF_EXPECTATIONS": str(folder)}
    shares = {}
    for month in ("2016-03", "2016-04"):
        ran = run_cli(tmp_path / "data", "suite", "la03", "--month", month, **own)
        assert ran.code == 0, ran.output
        printed = json.loads(ran.output)
        assert printed == read_suite("delivery.la03", month)
        (shares[month],) = [
            one["kwargs"]["mostly"]
            for one in printed["expectations"]
            if one["kwargs"].get("column") == "start_date" and "regex" in one["kwargs"]
            if one["meta"]["dataset"] == "families"
        ]
    assert shares == {"2016-03": 0.95, "2016-04": 0.97}
    # without a month, as it holds today
    now = run_cli(tmp_path / "data", "suite", "la03", **own)
    assert json.loads(now.output) == printed
    assert run_cli(tmp_path / "data", "suite", "la03", "--month", "May").code == 2
    unknown = run_cli(tmp_path / "data", "suite", "nobody")
    assert (unknown.code, "There is no authority 'nobody'" in unknown.output) == (1, True)
