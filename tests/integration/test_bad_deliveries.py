"""Four months of small deliveries, most of them bad: each is named for what it is.

Cases are rows of tests/fixtures/deliveries/cases.csv. With TF_TABLE=path a table of what was sent,
what was said and what stood afterwards is written.
"""

import csv
import os
import re
import zipfile
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.support.commands import REPO, Ran, run_cli
from tf_pipeline.alerts.alert import BREACH, alerts
from tf_pipeline.alerts.state import read_state
from tf_pipeline.authorities import registry
from tf_pipeline.sample.truth import truth

INBOX = REPO / "tests" / "fixtures" / "deliveries"
CASES = list(csv.DictReader((INBOX / "cases.csv").read_text("utf-8").splitlines()))
MONTHS = sorted({case["month"] for case in CASES})
GENERATED = {"families": 100, "seed": 6}
REFUSED = [case for case in CASES if case["outcome"] != "accepted"]
ACCEPTED = [case for case in CASES if case["outcome"] == "accepted"]
# a month that an authority's levels or needs were changed in has no truth of the generator's
CHANGED = {("2016-06", "la04")}
BY_AUTHORITY = ("families", "people", "family_needs", "interventions", "intensity_summary")

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> Ran:
    """All months, loaded in order by the real command."""
    data = tmp_path_factory.mktemp("bad") / "data"
    several = ("--from", MONTHS[0], "--to", MONTHS[-1])
    bounds = str(INBOX / "bounds.yml")
    loaded = run_cli(data, "load", *several, "--inbox", str(INBOX), limit=880, TF_BOUNDS=bounds)
    if path := os.environ.get("TF_TABLE"):
        with loaded.published() as baseline:
            _write_table(baseline, Path(path))
    return loaded


@pytest.fixture(scope="module")
def baseline(ran):
    with ran.published() as connection:
        yield connection


@pytest.fixture(scope="module")
def warehouse(ran):
    with duckdb.connect(str(ran.data / "warehouse/warehouse.duckdb"), read_only=True) as connection:
        yield connection


def _write_table(baseline: duckdb.DuckDBPyConnection, path: Path) -> None:
    lines = ["| month, authority | sent | outcome | said | stands |", "|---|---|---|---|---|"]
    for case in CASES:
        outcome, stands = came_to(baseline, case)
        rules = case["rules"].split()
        said = [m for rule, m in lines_of(baseline, case) if rule in rules] or ["-"]
        cells = [f"{case['month']} {case['authority']}", case["sent"], outcome, said[0], stands]
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    path.write_text("\n".join(lines) + "\n", "utf-8")


def named(case: dict[str, str]) -> str:
    return f"{case['month']} {case['authority']} {case['rules'] or 'usual'}"


def came_to(baseline, case) -> tuple[str, str]:
    rows = baseline.execute(
        "select distinct outcome, as_of_month from gm.deliveries where month = ? and authority = ?",
        [case["month"], case["authority"]],
    ).fetchall()
    assert len(rows) == 1, rows
    return rows[0]


def lines_of(baseline, case) -> list[tuple[str, str]]:
    return baseline.execute(
        "select rule, concat_ws(', ', file_name, message) from gm.work_list "
        "where month = ? and authority = ? order by all",
        [case["month"], case["authority"]],
    ).fetchall()


def test_every_month_is_published_and_the_exit_code_says_that_not_all_came(ran, baseline):
    assert ran.code == 3, ran.output
    assert "Traceback" not in ran.output
    months = baseline.execute("select distinct month from gm.families order by 1").fetchall()
    assert [m[0] for m in months] == MONTHS


def test_a_file_that_the_opening_process_cannot_open_costs_no_other_its_month(baseline):
    rejected = {case["authority"] for case in CASES if "OPENING_STOPPED" in case["rules"]}
    (month,) = {case["month"] for case in CASES if "OPENING_STOPPED" in case["rules"]}
    published = baseline.execute(
        "select distinct authority from gm.families where month = ?", [month]
    ).fetchall()
    others = {one for (one,) in published} - rejected
    assert len(others) == 9
    own = baseline.execute(
        "select distinct authority from gm.deliveries where month = ? and as_of_month = month",
        [month],
    ).fetchall()
    accepted = {c["authority"] for c in ACCEPTED if c["month"] == month}
    assert accepted and {one for (one,) in own} == accepted


@pytest.mark.parametrize("case", CASES, ids=named)
def test_each_comes_to_what_it_is(baseline, case):
    assert came_to(baseline, case) == (case["outcome"], case["stands"])
    said = " ".join(message for _, message in lines_of(baseline, case))
    assert case["says"] in said


@pytest.mark.parametrize("case", ACCEPTED, ids=named)
def test_an_accepted_one_has_these_lines_and_no_others(baseline, case):
    assert {rule for rule, _ in lines_of(baseline, case)} == set(case["rules"].split())


@pytest.mark.parametrize("case", REFUSED, ids=named)
def test_a_refused_one_is_refused_for_this_and_repeats_what_stood(baseline, warehouse, case):
    stopping = warehouse.execute(
        "select distinct rule from raw.findings where month = ? and authority = ? "
        "and severity = 'critical'",
        [case["month"], case["authority"]],
    ).fetchall()
    assert {rule for (rule,) in stopping} == set(case["rules"].split())
    for table in BY_AUTHORITY:
        differing = baseline.execute(
            f"with one as (select * exclude (month) from gm.{table} "
            "where authority = $1 and month = $2), "
            f"two as (select * exclude (month) from gm.{table} where authority = $1 and month = $3)"
            " select count(*) from "
            "((from one except from two) union all (from two except from one))",
            [case["authority"], case["stands"], case["month"]],
        ).fetchone()[0]
        assert differing == 0, table


def test_what_is_accepted_beside_them_is_what_it_would_have_been(baseline):
    """Figures beside the generator's truth: rows of another authority, too, have changed none."""
    expected = truth([*MONTHS, "2016-09"], **GENERATED)
    compared = 0
    for case in ACCEPTED:
        month, authority = case["month"], case["authority"]
        if (month, authority) in CHANGED:
            continue
        levels = baseline.execute(
            "select intensity_level, families from gm.intensity_summary "
            "where month = ? and authority = ? and families > 0",
            [month, authority],
        ).fetchall()
        figures = expected[month][authority]
        assert dict(levels) == {k: n for k, n in figures["intensity"].items() if n}, case
        compared += 1
    assert compared >= 15


def test_rows_delivered_are_accepted_or_set_aside(baseline, warehouse):
    odd = baseline.execute(
        "select * from gm.deliveries where rows_delivered <> rows_accepted + rows_set_aside"
    ).fetchall()
    assert odd == []
    for dataset in ("families", "people", "needs", "interventions", "incidents"):
        counted = warehouse.execute(
            f"""
            select accepted.authority, accepted.month
            from raw.accepted as accepted
            where accepted.dataset = '{dataset}' and (
                accepted.rows_accepted <> (
                    select count(distinct row_number) from raw.{dataset} as kept
                    where kept.authority = accepted.authority and kept.month = accepted.month
                ) and accepted.rows_accepted <> (
                    select count(*) from raw.{dataset} as kept
                    where kept.authority = accepted.authority and kept.month = accepted.month
                ) or accepted.rows_set_aside <> (
                    select count(*) from raw.set_aside as aside
                    where aside.authority = accepted.authority and aside.month = accepted.month
                        and aside.dataset = '{dataset}'
                )
            )
            """
        ).fetchall()
        assert counted == [], dataset


def test_rows_of_another_authority_are_kept_apart(warehouse, baseline):
    aside = warehouse.execute(
        "select dataset, count(*) from raw.set_aside where month = '2016-06' "
        "and authority = 'la02' and reason = 'OTHER_AUTHORITY' group by all order by all"
    ).fetchall()
    assert aside == [("families", 2), ("people", 1)]
    mark = "SYN-09-00000"
    for dataset in ("families", "people"):
        kept = warehouse.execute(
            f"select count(*) from raw.{dataset} where authority = 'la02' "
            "and contains(cells::varchar, ?)",
            [mark],
        ).fetchone()
        assert kept == (0,)
    known = warehouse.execute(
        "select count(*) from restricted.key_map "
        "where authority = 'la02' and contains(local_id, ?)",
        [mark],
    ).fetchone()
    assert known == (0,)
    said = " ".join(m for _, m in lines_of(baseline, {"month": "2016-06", "authority": "la02"}))
    assert mark not in said
    assert "data protection lead" in said


def test_rows_of_another_authority_are_alerted_with_how_to_report_them(ran, monkeypatch):
    monkeypatch.setenv("TF_DATA_DIR", str(ran.data))
    today = date(2016, 9, 1)
    told = [one for one in alerts(read_state(today), today) if one.kind == BREACH]
    assert {(one.month, one.authority) for one in told} >= {("2016-06", "la02")}
    (one,) = [one for one in told if one.month == "2016-06"]
    assert "data protection officer of la02" in one.body and "72 hours" in one.body
    assert "families.csv, families: 2 rows" in one.body
    assert "people.csv, people: 1 rows" in one.body
    assert "SYN-09" not in one.subject + one.body


def test_cells_are_kept_as_they_were_typed(warehouse):
    def column(authority: str, month: str, dataset: str, heading: str) -> list[str]:
        rows = warehouse.execute(
            f"select rows.cells[headings.position] from raw.{dataset} as rows "
            "inner join raw.headings using (authority, month) "
            "where headings.dataset = ? and heading = ? and authority = ? and month = ? "
            "order by row_number",
            [dataset, heading, authority, month],
        ).fetchall()
        return [cell for (cell,) in rows]

    surnames = column("la01", "2016-06", "people", "LAST NAME")
    typed = ["O'Madeup", "Zoë", "nan", "null", "NA", "None", "N/A", "true", "Ðörte-Łęcka"]
    assert surnames[: len(typed)] == typed
    assert len(column("la01", "2016-06", "people", "First name")[9]) == 32_000
    assert len(column("la02", "2016-08", "people", "forename")[1]) == 40_000
    assert column("la10", "2016-06", "families", "CASE NO")[0] == "0000001-SYN"
    formulas = column("la08", "2016-06", "interventions", "=1+1")
    assert set(formulas) == {'=HYPERLINK("http://x.invalid")'}


def test_an_export_holds_no_formula(ran, baseline):
    headings = baseline.execute(
        "select heading from gm.work_list where authority = 'la08' and rule = 'HEADING_UNKNOWN' "
        "and month = '2016-06'"
    ).fetchall()
    assert headings == [("'=1+1",)]
    pack = ran.data / "packs" / "2016-06" / "la08" / "fix-pack.xlsx"
    with zipfile.ZipFile(pack) as book:
        sheets = [book.read(n).decode() for n in book.namelist() if "worksheets/sheet" in n]
        assert "'=1+1" in book.read("xl/sharedStrings.xml").decode()
    assert sheets and not [sheet for sheet in sheets if "<f>" in sheet]


def personal_cells() -> list[str]:
    """Cells of the first row of the file that came without its heading row."""
    (path,) = (INBOX / "2016-08" / "la04").glob("la4_people*")
    shape = registry.shape("la04").datasets["people"]
    first = path.read_text(shape.encoding).splitlines()[0].split(shape.delimiter)
    return [cell.strip() for cell in first if len(cell.strip()) > 5]


def test_a_row_of_data_in_the_headings_place_is_quoted_nowhere(ran, baseline):
    personal = personal_cells()
    assert len(personal) >= 3
    assert not [cell for cell in personal if cell in ran.output]
    texts = [*(ran.data / "dagster").rglob("*"), *(ran.data / "docs").rglob("*")]
    leaked = [
        (path.name, cell)
        for path in texts
        if path.is_file()
        for content in [path.read_bytes()]
        for cell in personal
        if cell.encode() in content
    ]
    assert leaked == []
    said = str(baseline.execute("from gm.work_list where month = '2016-08'").fetchall())
    assert not [cell for cell in personal if cell in said]


def test_refused_files_wait_in_quarantine_with_their_reasons(ran):
    for case in REFUSED:
        folder = ran.data / "quarantine" / case["month"] / case["authority"]
        assert (folder / "reasons.json").exists() == (case["outcome"] != "not_delivered")
    assert (ran.data / "quarantine").stat().st_mode & 0o077 == 0


def test_status_shows_how_old_what_stands_is(ran):
    shown = run_cli(ran.data, "status")
    assert "3 months old" in shown.output
    assert "(as of 2016-06)" in shown.output


def test_each_has_its_fix_pack(ran):
    folder = ran.data / "packs" / "2016-07"
    packs = {path.name: path for path in folder.iterdir() if path.is_dir()}
    assert set(packs) == set(registry.authorities())
    assert all(path.stat().st_mode & 0o077 == 0 for path in (folder, *folder.iterdir()))
    pages = {name: (path / "fix-pack.html").read_text("utf-8") for name, path in packs.items()}
    for case in [one for one in REFUSED if one["month"] == "2016-07"]:
        page = pages[case["authority"]]
        assert case["outcome"] in page
        assert f"The delivery of {case['stands']} is carried forward" in page
    assert "FINITO" in pages["la10"] and "critical" in pages["la10"]
    fresh = run_cli(ran.data, "pack", "2016-07", "la10", "--out", str(folder / "again"))
    assert fresh.code == 0, fresh.output
    again = (folder / "again" / "fix-pack.html").read_text("utf-8")
    assert again == pages["la10"]


def test_what_is_held_says_what_it_waits_for(baseline):
    held = [case for case in CASES if case["outcome"] == "held"]
    assert len(held) >= 4
    for case in held:
        said = " ".join(message for _, message in lines_of(baseline, case))
        assert re.search(r"tf-pipeline confirm|xwalk_headings|Expected: one of them", said), case
