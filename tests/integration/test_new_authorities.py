"""Two authorities nobody has seen come in one month, and no line of code is written for them.

One has shapes of its own: a YAML and rows. The other fills GM's own workbook, and
needs no row in a crosswalk.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from tests.support.commands import Ran, run_cli
from tests.support.eleventh import FAMILIES, MONTH, NEW, SEED, add, add_eleventh
from tf_pipeline import paths
from tf_pipeline.sample.generate import generate
from tf_pipeline.sample.truth import truth

FILLING = "zz12"
SHAPE = """
authority: zz12
summary: An authority that fills GM's own workbook.
workbook: "* extract.xlsx"
without: [attendance]
"""
D = date
FILLED: dict[str, list[dict[str, object]]] = {
    "families": [
        {"local_family_id": "007", "programme_group": "programme", "start_date": D(2016, 1, 4)},
        {"local_family_id": "008", "programme_group": "Programme", "start_date": D(2016, 2, 1),
         "end_date": D(2016, 5, 2), "closure_reason": "stepped_down"},
        {"local_family_id": "009", "programme_group": "comparison", "start_date": D(2016, 3, 1)},
    ],
    "people": [
        {"local_family_id": f"00{f}", "local_person_id": f"0{f}{n}", "forename": "Test",
         "surname": f"Person{f}{n}", "sex": sex, "date_of_birth": born, "relationship": as_,
         "is_unborn": "no"}
        for f in (7, 8, 9)
        for n, sex, born, as_ in ((1, "female", D(1980, 5, f), "parent"),
                                  (2, "male", D(2009, 4, f), "child"))
    ],
    "needs": [
        {"local_family_id": "007", "need_1": "yes", "need_2": "yes", "need_3": "no",
         "need_4": "no", "need_5": "not_known", "need_6": "no"},
        {"local_family_id": "008", **{f"need_{n}": "no" for n in range(1, 7)}},
        {"local_family_id": "009", **{f"need_{n}": "not_held" for n in range(1, 7)}},
    ],
    "incidents": [
        {"local_family_id": "007", "incident_month": D(2016, 5, 1), "dv": 2, "asb": "true_zero",
         "offences": 1, "missing": "true_zero"},
    ],
    "benefits": [
        {"local_family_id": "007", "local_person_id": "071", "benefit": "esa_wrag"},
        {"local_family_id": "008", "local_person_id": "081", "benefit": "none"},
    ],
    "interventions": [
        {"local_family_id": "007", "intervention": "Visits", "intensity_level": "L3",
         "start_date": D(2016, 1, 10), "hours_per_week": 2.5},
        {"local_family_id": "009", "intervention": "Calls", "intensity_level": "L1",
         "start_date": D(2016, 3, 10)},
    ],
    "claims": [
        {"claim_id": "C01", "local_family_id": "008", "claim_type": "progress",
         "end_point_date": D(2016, 5, 1), "submitted_date": D(2016, 5, 20)},
    ],
}  # fmt: skip
# so many alike that there is something to share
ALIKE = [f"1{number:02}" for number in range(20)]
for alike in ALIKE:
    FILLED["families"].append(
        {"local_family_id": alike, "programme_group": "programme", "start_date": D(2016, 4, 1)}
    )
    FILLED["people"].append(
        {"local_family_id": alike, "local_person_id": f"{alike}1", "sex": "female",
         "surname": f"Person{alike}", "date_of_birth": D(1975, 1, 1), "relationship": "parent"}
    )  # fmt: skip
    FILLED["needs"].append(
        {"local_family_id": alike, "need_1": "yes", **{f"need_{n}": "no" for n in range(2, 7)}}
    )
    FILLED["interventions"].append(
        {"local_family_id": alike, "intervention": "Calls", "intensity_level": "L2",
         "start_date": D(2016, 4, 2)}
    )  # fmt: skip


def fill(template: Path, filled: Path) -> None:
    """Types rows below the headings of the workbook, into cells of the kind it prepares."""
    book = xlsxwriter.Workbook(str(filled), {"default_date_format": "yyyy-mm-dd"})
    for name, sheet in pl.read_excel(template, sheet_id=0, engine="calamine").items():
        page = book.add_worksheet(name)
        headings = sheet.columns
        page.write_row(0, 0, headings)
        rows = FILLED.get(name, []) if name != "Notes" else sheet.rows()
        for number, row in enumerate(rows, start=1):
            cells = row if isinstance(row, tuple) else [row.get(heading) for heading in headings]
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    page.write_datetime(number, column, cell)
                elif isinstance(cell, str):
                    page.write_string(number, column, cell)
                elif cell is not None:
                    page.write(number, column, cell)
    book.close()


@dataclass(frozen=True)
class Newcomers:
    """The load of both, the variables by which commands know them, and the eleventh's truth."""

    ran: Ran
    environment: dict[str, str]
    true: dict[str, Any]

    @property
    def data(self) -> Path:
        return self.ran.data


@pytest.fixture(scope="module")
def newcomers(tmp_path_factory) -> Newcomers:
    folder = tmp_path_factory.mktemp("newcomers")
    environment, data, inbox = add_eleventh(folder), folder / "data", folder / "inbox"
    (folder / "authorities" / f"{FILLING}.yml").write_text(SHAPE, "utf-8")
    reference = folder / "dbt_project/seeds/reference/ref_authorities.csv"
    add(reference, [{"authority": FILLING, "name": "LA 12"}])
    with pytest.MonkeyPatch.context() as patched:
        for name, value in environment.items():
            patched.setenv(name, value)
        generate(inbox, [MONTH], FAMILIES, SEED, [NEW])
        true = truth([MONTH], FAMILIES, SEED, [NEW])[MONTH][NEW]
    made = run_cli(data, "template", "--month", MONTH, "--out", str(folder), **environment)
    assert made.code == 0, made.output
    (inbox / MONTH / FILLING).mkdir()
    fill(folder / "extract.xlsx", inbox / MONTH / FILLING / "May extract.xlsx")
    ran = run_cli(data, "load", MONTH, "--inbox", str(inbox), **environment)
    # the ten others delivered nothing, and are named
    assert ran.code == 3, ran.output
    return Newcomers(ran, environment, true)


@pytest.fixture(scope="module")
def filled(newcomers) -> Ran:
    """The load, of which the authority that filled the workbook is looked at."""
    assert f"{FILLING}: accepted" in newcomers.ran.output
    return newcomers.ran


def test_an_authority_with_its_own_shapes_is_gated_harmonised_and_published(newcomers):
    assert f"{NEW}: accepted" in newcomers.ran.output
    with newcomers.ran.published() as baseline:
        levels = baseline.execute(
            "select intensity_level, families from gm.intensity_summary where authority = ?", [NEW]
        ).fetchall()
        assert dict(levels) == newcomers.true["intensity"]
        needs = baseline.execute(
            'select need_code, yes, "no", not_known, not_held from gm.need_prevalence '
            "where authority = ?",
            [NEW],
        ).fetchall()
        names = ["yes", "no", "not_known", "not_held"]
        found = {c: dict(zip(names, n, strict=True)) for c, *n in needs}
        assert found == newcomers.true["needs"]
        unborn = baseline.execute(
            "select count(*) from gm.people where is_unborn and authority = ?", [NEW]
        ).fetchone()[0]
        assert unborn > 0
        lines = baseline.execute(
            "select rule from gm.work_list where authority = ? and severity = 'critical'", [NEW]
        ).fetchall()
        assert lines == []


def rows(ran, query: str) -> list[tuple]:
    with ran.published() as baseline:
        return baseline.execute(query.replace("$1", f"'{FILLING}'")).fetchall()


def test_no_heading_and_no_word_is_unknown(filled):
    work = rows(filled, "select rule, heading, message from gm.work_list where authority = $1")
    assert {rule for rule, *_ in work} <= {"INTERVENTION_UNKNOWN"}, work


def test_dates_groups_and_levels_are_what_was_typed(filled):
    families = rows(
        filled,
        "select start_date, end_date, closure_reason, programme_group, is_open, intensity_level, "
        "member_count from gm.families where authority = $1 and start_date <> '2016-04-01' "
        "order by start_date",
    )
    assert families == [
        (date(2016, 1, 4), None, None, "programme", True, "L3", 2),
        (date(2016, 2, 1), date(2016, 5, 2), "stepped_down", "programme", False, "none", 2),
        (date(2016, 3, 1), None, None, "comparison", True, "L1", 2),
    ]
    basis = rows(filled, "select distinct level_basis from gm.interventions where authority = $1")
    assert basis == [("as_supplied",)]


def test_levels_are_counted_as_supplied(filled):
    levels = rows(
        filled, "select intensity_level, families from gm.intensity_summary where authority = $1"
    )
    assert {level: n for level, n in levels if n} == {"L2": len(ALIKE), "L3": 1}


def test_needs_benefits_and_incidents_are_what_was_typed(filled):
    needs = rows(
        filled,
        "select need_code, status from gm.family_needs inner join gm.families "
        "using (month, authority, family_key) where authority = $1 and start_date = '2016-01-04' "
        "order by need_code",
    )
    assert needs == [(1, "yes"), (2, "yes"), (3, "no"), (4, "no"), (5, "not_known"), (6, "no")]
    benefits = rows(
        filled, "select benefit from gm.benefits where authority = $1 and status = 'observed'"
    )
    assert ("esa_wrag",) in benefits
    incidents = rows(
        filled,
        "select incident_type, count, status from gm.incidents where authority = $1 "
        "and count is not null order by 1",
    )
    assert incidents == [
        ("asb", 0, "true_zero"),
        ("dv", 2, "observed"),
        ("missing", 0, "true_zero"),
        ("offences", 1, "observed"),
    ]


def test_a_number_keeps_its_leading_zeros(filled):
    import duckdb

    with duckdb.connect(str(filled.data / "warehouse/warehouse.duckdb"), read_only=True) as found:
        ids = found.execute(
            "select local_family_id from staging.stg_families where authority = ? order by 1",
            [FILLING],
        ).fetchall()
    assert [found for (found,) in ids] == ["007", "008", "009", *ALIKE]


def test_its_suite_asks_for_what_the_workbook_has(newcomers):
    told = run_cli(newcomers.data, "suite", FILLING, "--month", MONTH, **newcomers.environment)
    assert told.code == 0, told.output
    asked = {
        (one["meta"]["dataset"], one["kwargs"]["column"])
        for one in json.loads(told.output)["expectations"]
        if one["type"] == "expect_column_to_exist"
    }
    known = pl.read_csv(paths.seeds_dir() / "reference/ref_fields.csv", infer_schema=False)
    known = known.filter(pl.col("dataset") != "attendance", in_workbook="true")
    assert asked == set(known.select("dataset", "field").iter_rows())
    assert ("families", "programme_group") in asked and ("needs", "need_11") in asked
    assert ("needs", "needs_present") not in asked
    assert not {dataset for dataset, _ in asked} & {"attendance", "nis", "services"}


def test_a_figure_is_explained_by_gms_own_words(newcomers):
    told = run_cli(
        newcomers.data, "explain", "need_prevalence", "yes", "--month", MONTH,
        "--authority", FILLING, "--where", "need_code=1", **newcomers.environment,
    )  # fmt: skip
    assert told.code == 0, told.output
    assert "'need_1' is need_1" in told.output and "'yes' is yes" in told.output
