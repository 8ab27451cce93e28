"""Rules that do not hold are refused with file, line and rule; one spoilt copy for each rule."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.commands import run_cli
from tf_pipeline import paths
from tf_pipeline.seeds.rulebook import RuleProblem, check_rules, examine
from tf_pipeline.seeds.seed_files import LINE, RuleFinding, read_seed

Rows = list[dict[str, str]]
EXAMPLES = "worked_examples"


class Seeds:
    """A copy of the seeds, to be spoilt."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, seed: str) -> Path:
        (path,) = self.folder.glob(f"**/{seed}.csv")
        return path

    def rows(self, seed: str) -> Rows:
        with self.path(seed).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def write(self, seed: str, rows: Rows) -> None:
        with self.path(seed).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def find(self, seed: str, where: dict[str, str]) -> int:
        """Number of the first row, from nought, that says all this."""
        return next(n for n, row in enumerate(self.rows(seed)) if where.items() <= row.items())

    def change(self, seed: str, where: dict[str, str], **cells: str) -> int:
        """Changes the first row that says `where`; returns its line."""
        rows, number = self.rows(seed), self.find(seed, where)
        rows[number] |= cells
        self.write(seed, rows)
        return number + 2

    def again(self, seed: str, where: dict[str, str], **cells: str) -> int:
        """Adds a row like the first that says `where`, but for some cells; returns its line."""
        rows = self.rows(seed)
        rows.append(rows[self.find(seed, where)] | cells)
        self.write(seed, rows)
        return len(rows) + 1


@pytest.fixture
def seeds(tmp_path, monkeypatch) -> Seeds:
    """The committed seeds, copied."""
    shutil.copytree(paths.seeds_dir(), tmp_path / "dbt_project" / "seeds")
    monkeypatch.setenv("TF_DBT_DIR", str(tmp_path / "dbt_project"))
    return Seeds(paths.seeds_dir())


def refused() -> list[RuleFinding]:
    with pytest.raises(RuleProblem) as caught:
        check_rules()
    return caught.value.findings


def test_the_committed_seeds_hold():
    check_rules()
    seen = examine()
    # and the overrides of the delivery suite
    assert seen.files == len(list(paths.seeds_dir().glob("**/*.csv"))) + 1
    assert seen.rows > 2000


def test_the_copy_holds_and_is_read_once(seeds):
    check_rules()
    assert examine() is examine()


LEVELS, VALUES, HEADINGS = "xwalk_intensity_levels", "xwalk_values", "xwalk_headings"
HOURS, SAID, MEANT = "xwalk_hours_levels", "authority_declarations", "authority_definitions"
BY_LEVEL = {"level_rule": "level", "intensity_level": "L2"}
NEED = {"dataset": "needs", "field": "need_1"}
DUE = {"topic": "delivery_due_day"}
ZERO = {"topic": "zero_means", "subject": "incidents.dv"}
# seed, rule, a word of the message, the row that is changed, what its cells then say
CHANGED = [
    # dates and other types
    (LEVELS, "DATES_REVERSED", "2014-08-31 lies before", {}, {"valid_to": "2014-08-31"}),
    (SAID, "DATES_REVERSED", "2014-09-01 or later", {}, {"valid_to": "2013-01-01"}),
    (VALUES, "DATE_UNREADABLE", "2016-04-30", {}, {"valid_from": "01/09/2014"}),
    (HEADINGS, "DATE_UNREADABLE", "valid_to", {}, {"valid_to": "2016-02-30"}),
    (MEANT, "DATE_UNREADABLE", "reviewed_on", {}, {"reviewed_on": "2016-6-30"}),
    (HEADINGS, "CELL_EMPTY", "valid_from", {}, {"valid_from": ""}),
    (HEADINGS, "CELL_EMPTY", "heading", {}, {"heading": ""}),
    (VALUES, "CELL_EMPTY", "canonical", {}, {"canonical": ""}),
    (HOURS, "NUMBER_UNREADABLE", "hours_from 'two'", {}, {"hours_from": "two"}),
    (HOURS, "NEITHER_TRUE_NOR_FALSE", "TRUE", {}, {"is_from_included": "TRUE"}),
    ("ref_weightings", "NUMBER_UNREADABLE", "'heavy'", {}, {"weight": "heavy"}),
    ("supply_register", "NEITHER_TRUE_NOR_FALSE", "'yes'", {}, {"is_supplied": "yes"}),
    (EXAMPLES, "DATE_UNREADABLE", "as_at", {}, {"as_at": "May 2016"}),
    (EXAMPLES, "CELL_EMPTY", "as_at", {}, {"as_at": ""}),
    (EXAMPLES, "NUMBER_UNREADABLE", "hours_per_week", {}, {"hours_per_week": "few"}),
    # authorities
    (LEVELS, "AUTHORITY_UNKNOWN", "'zz99'", {}, {"authority": "zz99"}),
    (LEVELS, "AUTHORITY_UNKNOWN", "'*'", {}, {"authority": "*"}),
    (EXAMPLES, "AUTHORITY_UNKNOWN", "'zz99'", {}, {"authority": "zz99"}),
    (SAID, "AUTHORITY_UNKNOWN", "'gm' is no authority that declares", ZERO, {"authority": "gm"}),
    (SAID, "AUTHORITY_UNKNOWN", "accepted: gm", {"authority": "gm"}, {"authority": "*"}),
    # the day after the due day must be one of every month
    (SAID, "NUMBER_UNREADABLE", "from 1 to 27", DUE, {"value": "28"}),
    (SAID, "SUBJECT_UNKNOWN", "accepted: delivery", DUE, {"subject": "gm_shared"}),
    # levels
    (LEVELS, "INTENSITY_LEVEL_UNKNOWN", "'L4' is no level; accepted: L1, L2, L3 or empty",
     BY_LEVEL, {"intensity_level": "L4"}),
    (HOURS, "INTENSITY_LEVEL_UNKNOWN", "'none'", {}, {"intensity_level": "none"}),
    ("ref_weightings", "INTENSITY_LEVEL_UNKNOWN", "'L0'", {}, {"intensity_level": "L0"}),
    (EXAMPLES, "INTENSITY_LEVEL_UNKNOWN", "'l2'", {}, {"supplied_level": "l2"}),
    (LEVELS, "LEVEL_RULE_UNKNOWN", "as_supplied", {}, {"level_rule": "guess"}),
    (LEVELS, "LEVEL_MISSING", "needs a level", BY_LEVEL, {"intensity_level": ""}),
    (LEVELS, "LEVEL_NOT_EXPECTED", "no level of its own", BY_LEVEL,
     {"level_rule": "none", "note": "why"}),
    (LEVELS, "REASON_MISSING", "a note", {"level_rule": "none"}, {"note": ""}),
    (LEVELS, "HOURS_LEVELS_MISSING", "xwalk_hours_levels.csv", BY_LEVEL,
     {"level_rule": "hours", "intensity_level": ""}),
    (LEVELS, "ROLE_UNREADABLE", "'Jane' is no role", {}, {"reviewed_by": "Jane"}),
    (EXAMPLES, "ROLE_UNREADABLE", "agreed_by 'Jane'", {}, {"agreed_by": "Jane"}),
    (EXAMPLES, "INTENSITY_LEVEL_UNKNOWN", "'none'", {}, {"agreed_level": "none"}),
    (HOURS, "HOURS_FROM_OUT_OF_RANGE", "hours_from is 0 to 168", {"intensity_level": "L3"},
     {"hours_from": "200"}),
    (HOURS, "HOURS_REVERSED", "lower number first", {}, {"hours_from": "9", "hours_to": "8"}),
    ("xwalk_disputed_levels", "SERVICE_UNKNOWN", "'magic'", {}, {"service": "magic"}),
    ("xwalk_disputed_levels", "LOCAL_NAME_UNKNOWN", "'magic'", {}, {"local_name": "magic"}),
    # headings and words
    (HEADINGS, "DATASET_UNKNOWN", "'homes'", {}, {"dataset": "homes"}),
    (HEADINGS, "FIELD_UNKNOWN", "'date_of_brith' is no field of nis",
     {"dataset": "nis"}, {"field": "date_of_brith"}),
    (VALUES, "DATASET_UNKNOWN", "'homes'", {}, {"dataset": "homes"}),
    (VALUES, "FIELD_UNKNOWN", "of needs", NEED, {"field": "need_0"}),
    (VALUES, "CANONICAL_UNKNOWN", "of needs.need_1; accepted: yes, no, not_known",
     NEED, {"canonical": "perhaps"}),
    (VALUES, "CANONICAL_UNKNOWN", "of needs.*", NEED, {"field": "*", "canonical": "female"}),
    (VALUES, "CANONICAL_UNKNOWN", "*.*", NEED,
     {"dataset": "*", "field": "*", "canonical": "yes"}),
    ("ref_fields", "DOMAIN_UNKNOWN", "'shades'", {"domain": "sex"}, {"domain": "shades"}),
    # declarations and definitions
    (SAID, "DECLARATION_UNKNOWN", "zero_means", ZERO, {"topic": "zero_meant"}),
    (SAID, "SUBJECT_UNKNOWN", "'incidents.fires' is no field for which zero_means can be declared",
     ZERO, {"subject": "incidents.fires"}),
    (SAID, "SUBJECT_UNKNOWN", "is no dataset", {"topic": "comparison_listing"},
     {"subject": "persons"}),
    (SAID, "SUBJECT_UNKNOWN", "is no topic", {"topic": "common_definition"},
     {"subject": "happiness"}),
    (SAID, "DECLARED_VALUE_UNKNOWN", "true_zero", ZERO, {"value": "nought"}),
    (SAID, "DECLARED_VALUE_UNKNOWN", "true_zero, not_known", ZERO, {"value": "no"}),
    # a blank is never a no
    (SAID, "DECLARED_VALUE_UNKNOWN", "accepted: not_known, not_held, not_applicable",
     {"topic": "blank_means", "subject": "needs.need_1"}, {"value": "no"}),
    (SAID, "DECLARED_VALUE_UNKNOWN", "not_held", {"topic": "comparison_relationship"},
     {"value": "no"}),
    (SAID, "DECLARED_VALUE_UNKNOWN", "yes, no", {"topic": "esa_support_counts_as_health"},
     {"value": "true"}),
    (SAID, "DECLARED_VALUE_UNKNOWN", "only_with_issues", {"topic": "comparison_listing"},
     {"value": "all"}),
    (SAID, "DECLARED_VALUE_UNKNOWN", "police", {"topic": "source_basis"}, {"value": "polis"}),
    (SAID, "MEANING_UNKNOWN", "'hearsay' is no meaning of domestic_abuse",
     {"topic": "common_definition", "subject": "domestic_abuse"},
     {"value": "police_record hearsay"}),
    (SAID, "EXPRESSION_UNREADABLE", "(unborn", {"topic": "unborn_when"}, {"value": "(unborn"}),
    (SAID, "EXPRESSION_UNREADABLE", "DuckDB", {"topic": "unborn_when"}, {"value": "(?=baby)"}),
    (MEANT, "TOPIC_UNKNOWN", "'love'", {}, {"topic": "love"}),
    (MEANT, "MEANING_UNKNOWN", "of domestic_abuse", {"topic": "domestic_abuse"},
     {"meaning": "school_record"}),
    (MEANT, "SOURCE_BASIS_UNKNOWN", "'polis'", {}, {"source_basis": "key_worker+polis"}),
    (MEANT, "COLLECTION_MODE_UNKNOWN", "manual_search", {}, {"collection_mode": "by_hand"}),
    ("profile_declarations", "COLLECTION_MODE_UNKNOWN", "'by_hand'", {},
     {"collection_mode": "by_hand"}),
    # frameworks
    ("ref_framework_needs", "FRAMEWORK_UNKNOWN", "'seven'", {}, {"framework": "seven"}),
    ("ref_framework_needs", "NEED_UNKNOWN", "need of six_problems",
     {"framework": "six_problems"}, {"criterion": "secure_housing"}),
    ("ref_framework_needs", "NEED_UNKNOWN", "'99'", {}, {"need_code": "99"}),
    ("ref_recorded", "NEED_UNKNOWN", "'99'", {}, {"need_code": "99"}),
    (
        "ref_messages", "PLACEHOLDER_UNKNOWN", "'{file}' is no placeholder of FILE_MISSING",
        {"rule": "FILE_MISSING"}, {"message": "No {file} for {dataset}"},
    ),
    (
        "ref_messages", "PLACEHOLDER_UNKNOWN", "'{row}' is no placeholder of FILE_EMPTY",
        {"rule": "FILE_EMPTY"}, {"expected": "row {row}"},
    ),
    ("ref_recorded", "DATASET_UNKNOWN", "'diaries'", {}, {"recorded_in": "diaries"}),
    ("ref_frameworks", "CONTRADICTORY", "line 2 and line 3 both hold from 2022-10-01",
     {"framework": "ten_outcomes"}, {"valid_from": "2022-10-01"}),
    ("ref_frameworks", "FRAMEWORK_MISSING", "no framework holds after 2022-08-31",
     {"framework": "six_problems"}, {"valid_to": "2022-08-31"}),
    ("ref_frameworks", "FRAMEWORK_MISSING", "no framework holds after 2030-01-01",
     {"framework": "ten_outcomes"}, {"valid_to": "2030-01-01"}),
    (EXAMPLES, "EXAMPLE_OF_TWO_LEVELS", "L1", {"intervention": "Team around the family"},
     {"agreed_level": "L1"}),
]  # fmt: skip


@pytest.mark.parametrize(("seed", "rule", "word", "where", "cells"), CHANGED)
def test_a_row_that_does_not_hold_is_named(seeds, seed, rule, word, where, cells):
    line = seeds.change(seed, where, **cells)
    named = [f for f in refused() if f.rule == rule]
    assert (named[0].file, named[0].line) == (f"{seed}.csv", line)
    assert word in str(named[0])
    assert f"{seed}.csv, line {line}: {rule}: " in str(named[0])


@pytest.mark.parametrize("seed", [LEVELS, VALUES, HEADINGS, HOURS, SAID, MEANT])
def test_two_rows_about_one_thing_on_one_day(seeds, seed):
    line = seeds.again(seed, {}, valid_from="2016-05-01")
    (finding,) = refused()
    assert (finding.file, finding.line, finding.rule) == (f"{seed}.csv", line, "ROWS_OVERLAP")
    assert f"line 2 and line {line} both hold from 2016-05-01" in finding.message


def test_what_only_the_rows_together_break_is_named_on_line_1(seeds):
    rows = seeds.rows(HEADINGS)
    seeds.write(HEADINGS, [row for row in rows if row["field"] != "programme_group"])
    (finding,) = refused()
    assert (finding.file, finding.line, finding.rule) == (f"{HEADINGS}.csv", 1, "FIELD_MISSING")
    assert "programme_group" in finding.message.partition("accepted: ")[2]


def test_more_rows_than_set_operations_name_at_once(seeds):
    rows = seeds.rows(LEVELS)
    seeds.write(LEVELS, [row | {"level_rule": "guess", "intensity_level": ""} for row in rows])
    assert len({f.line for f in refused() if f.rule == "LEVEL_RULE_UNKNOWN"}) == len(rows)


def test_a_cell_that_cannot_be_read_breaks_no_other_rule(seeds):
    seeds.change("ref_frameworks", {"framework": "six_problems"}, needs_required="two")
    assert [f.rule for f in refused()] == ["NUMBER_UNREADABLE"]


def test_two_rows_that_say_different_things_are_called_contradictory(seeds):
    line = seeds.again(LEVELS, BY_LEVEL, intensity_level="L3", valid_from="2016-05-01")
    (finding,) = refused()
    first = seeds.find(LEVELS, BY_LEVEL) + 2
    assert (finding.line, finding.rule) == (line, "CONTRADICTORY")
    assert f"line {first} and line {line} both hold from 2016-05-01" in finding.message
    assert "intensity_level 'L2' and 'L3'" in finding.message


def test_rows_are_about_one_thing_whatever_their_blanks_and_capitals(seeds):
    heading = seeds.rows(HEADINGS)[0]["heading"]
    line = seeds.again(HEADINGS, {}, heading=f"  {heading.upper()}\u00a0", field="IGNORE")
    (finding,) = refused()
    assert (finding.line, finding.rule) == (line, "CONTRADICTORY")


def test_a_long_row_overlaps_more_than_the_next_one(seeds):
    for first, last in (("2016-01-01", "2016-01-31"), ("2016-03-01", "2016-03-31")):
        line = seeds.again(LEVELS, {}, valid_from=first, valid_to=last)
    assert [f.line for f in refused()] == [line - 1, line]


def test_rows_one_after_the_other_hold(seeds):
    seeds.change(LEVELS, BY_LEVEL, valid_to="2016-04-30")
    ended = {"valid_to": "2016-04-30"}
    seeds.again(LEVELS, ended, intensity_level="L3", valid_from="2016-05-01", valid_to="")
    check_rules()


def test_hours_that_mean_two_levels(seeds):
    rows = seeds.rows(HOURS)
    line = seeds.change(HOURS, {"intensity_level": "L2"}, hours_from="1.5")
    (finding,) = refused()
    assert (finding.file, finding.line, finding.rule) == (f"{HOURS}.csv", line, "HOURS_OVERLAP")
    # both include the end at which they meet
    seeds.write(HOURS, rows)
    seeds.change(HOURS, {"intensity_level": "L1"}, is_to_included="true")
    assert [f.rule for f in refused()] == ["HOURS_OVERLAP"]


def append(text: str) -> Callable[[bytes], bytes]:
    return lambda content: content + text.encode()


def second_line(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def spoil(content: bytes) -> bytes:
        lines = content.split(b"\n")
        lines[1] = change(lines[1])
        return b"\n".join(lines)

    return spoil


@pytest.mark.parametrize(
    ("rule", "line", "spoil"),
    [
        ("NOT_UTF8", 2, second_line(lambda line: line + b"\xe9")),
        ("NOT_CSV", 2, second_line(lambda line: b'"' + line)),
        ("NOT_CSV", 1, lambda content: b""),
        ("ROW_RAGGED", 2, second_line(lambda line: line + b",one more")),
        ("ROW_RAGGED", 2, second_line(lambda line: line.rpartition(b",")[0])),
        ("ROW_EMPTY", 2, second_line(lambda line: b"")),
        ("ROW_EMPTY", 2, second_line(lambda line: b"," * line.count(b","))),
        ("COLUMNS_DIFFER", 1, lambda content: content.replace(b"hours_to", b"hours_until", 1)),
        ("COLUMNS_DIFFER", 1, lambda content: content.replace(b"hours_to", b"note", 1)),
        ("COLUMNS_DIFFER", 1, lambda content: content.replace(b",", b";")),
    ],
)
def test_a_file_that_is_no_table_is_named_with_the_line(seeds, rule, line, spoil):
    path = seeds.path(HOURS)
    path.write_bytes(spoil(path.read_bytes()))
    finding = refused()[0]
    assert (finding.file, finding.line, finding.rule) == (f"{HOURS}.csv", line, rule)


def test_a_declared_file_that_is_gone_is_missed(seeds):
    seeds.path(HOURS).unlink()
    (finding,) = refused()
    assert (finding.file, finding.rule) == (f"{HOURS}.csv", "FILE_MISSING")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_those_of_an_editor_also_after_a_line_break_in_a_cell(tmp_path, newline):
    path = tmp_path / "some.csv"
    lines = ["\ufeffa,b", '1,"two', 'lines"', "3,", '"a, comma and a ""quote""",4']
    path.write_bytes(newline.join(lines).encode())
    rows, findings = read_seed(path)
    assert findings == []
    assert rows[LINE].to_list() == [2, 4, 5]
    assert rows["a"].to_list() == ["1", "3", 'a, comma and a "quote"']
    assert rows["b"].to_list() == [f"two{newline}lines", None, "4"]


def test_a_break_in_a_cell_moves_the_line_of_what_follows(seeds):
    seeds.change(HOURS, {"intensity_level": "L1"}, note="one\ntwo\nthree")
    line = seeds.change(HOURS, {"intensity_level": "L3"}, hours_from="many")
    assert refused()[0].line == line + 2


def test_what_decides_is_named_before_what_it_decides(seeds):
    """An unknown dataset is one finding, not another for each cell that depends on it."""
    seeds.change(VALUES, NEED, dataset="homes")
    assert [f.rule for f in refused()] == ["DATASET_UNKNOWN"]


def test_a_long_list_is_cut_and_counted(seeds):
    rows = seeds.rows(HEADINGS)
    seeds.write(HEADINGS, [row | {"valid_to": "2013-01-01"} for row in rows])
    with pytest.raises(RuleProblem) as caught:
        check_rules()
    lines = str(caught.value).splitlines()
    assert len(caught.value.findings) == len(rows)
    assert lines[0].startswith(f"{HEADINGS}.csv, line 2: DATES_REVERSED: ")
    assert lines[-1] == f"and {len(rows) - 20} more"
    assert len(lines) == 21


def test_the_command_says_that_they_hold_or_what_does_not(seeds, tmp_path):
    project = str(paths.dbt_dir())
    good = run_cli(tmp_path / "data", "rules", TF_DBT_DIR=project)
    assert good.code == 0, good.output
    assert good.output.strip().endswith(f"rows in {examine().files} files are valid")
    line = seeds.change(LEVELS, BY_LEVEL, intensity_level="L4")
    bad = run_cli(tmp_path / "data", "rules", TF_DBT_DIR=project)
    assert bad.code == 1
    assert f"{LEVELS}.csv, line {line}: INTENSITY_LEVEL_UNKNOWN: " in bad.output
    assert not (tmp_path / "data").exists()
