"""An authority nobody has seen, with shapes of its own: rows and one YAML are enough."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from tf_pipeline import paths
from tf_pipeline.authorities import registry
from tf_pipeline.ingest.delivery import open_delivery
from tf_pipeline.ingest.fields import NamedDataset, named_datasets
from tf_pipeline.sample.generate import generate
from tf_pipeline.sample.truth import truth

NEW, MONTH, FAMILIES, SEED = "zz11", "2016-05", 60, 3
# families and people in one list, needs as codes in a workbook, levels by hours, half-terms across
SHAPE = r"""
authority: zz11
summary: An authority that exists only in this test.
date_formats: ["%d %b %Y", "%Y/%m"]
defaults: {format: csv, encoding: latin-1, delimiter: "|", header_row: 3}
datasets:
  families: &list {files: "household list *.csv", totals_row: {heading: House, equals: ALL}}
  people: *list
  needs: {files: "need codes *.xlsx", format: excel, sheet: Codes, header_row: 2}
  incidents: {files: "police *.csv"}
  benefits: {files: "money *.csv"}
  interventions: {files: "work done *.csv"}
  attendance:
    files: "school *.csv"
    repeat: "Term {n} *"
    made: {"Term (made)": "{n}"}
  claims: {files: "claims *.csv"}
ignore_files: ["cover.md"]
ignore_sheets: [Notes]
"""
FIELDS = {
    "families": {
        "local_family_id": "House", "programme_group": "Kind", "start_date": "In",
        "end_date": "Out", "closure_reason": "Why out", "address": "Where",
    },
    "people": {
        "local_family_id": "House", "local_person_id": "Soul", "full_name": "Called",
        "sex": "S", "date_of_birth": "Birthday", "relationship": "Is",
    },
    "needs": {"local_family_id": "House", "need": "N", "need_status": "V"},
    "incidents": {
        "local_family_id": "House", "incident_month": "When", "dv": "Row", "asb": "Noise",
        "offences": "Crime", "missing": "Gone",
    },
    "benefits": {"local_family_id": "House", "local_person_id": "Soul", "benefit": "Money"},
    "interventions": {
        "local_family_id": "House", "intervention": "What", "start_date": "From",
        "end_date": "Till", "hours_per_week": "Hours",
    },
    "attendance": {
        "upn": "Pupil no", "full_name": "Called", "date_of_birth": "Birthday",
        "laestab": "School no", "academic_year": "Year", "half_term": "Term (made)",
        "sessions_possible": "Term {n} could", "sessions_authorised": "Term {n} may",
        "sessions_unauthorised": "Term {n} may not",
    },
    "claims": {
        "claim_id": "Claim", "local_family_id": "House", "claim_type": "For",
        "end_point_date": "End", "submitted_date": "Sent",
    },
}  # fmt: skip
WORDS = {
    ("*", "*"): {"?": "not_known"},
    ("families", "programme_group"): {"in": "programme", "waiting": "comparison"},
    ("families", "closure_reason"): {"done": "outcomes_achieved", "left": "moved_out_of_area"},
    ("people", "sex"): {"w": "female", "m": "male"},
    ("people", "relationship"): {"big": "parent", "small": "child", "else": "other_adult"},
    ("benefits", "benefit"): {"dole": "jsa", "uc": "uc", "nil": "none"},
    ("claims", "claim_type"): {"better": "progress", "job": "employment"},
    ("attendance", "half_term"): {str(n): str(n) for n in range(1, 7)},
    ("needs", "need"): {
        "a": "crime_asb", "b": "education", "c": "children_need_help",
        "d": "worklessness_finance", "e": "domestic_abuse", "f": "health",
    },
    **{("needs", f"need_{n}"): {"1": "yes", "2": "not_known"} for n in range(1, 7)},
}  # fmt: skip
DECLARED = [
    ("unborn_when", "people.full_name", r"\b(not yet born|to be born)$"),
    ("comparison_listing", "people", "only_with_issues"),
    *(("zero_means", f"needs.need_{n}", "no" if n > 1 else "not_held") for n in range(1, 7)),
    *(("zero_means", f"incidents.{k}", "true_zero") for k in ("dv", "asb", "offences", "missing")),
]
REVIEWED = {"valid_from": "2014-09-01", "reviewed_by": "role:test", "reviewed_on": "2016-06-30"}


def add(seed: Path, rows: list[dict[str, str]]) -> None:
    """Adds rows to a seed; what they do not say stays blank."""
    known = pl.read_csv(seed, infer_schema=False)
    dated = [{**REVIEWED, "authority": NEW, **row} for row in rows]
    full = [{name: row.get(name) for name in known.columns} for row in dated]
    pl.concat([known, pl.DataFrame(full, schema=known.schema)]).write_csv(seed)


@pytest.fixture
def eleventh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's own authorities and one more; returns an inbox to write to."""
    shapes, project = tmp_path / "authorities", tmp_path / "dbt_project"
    shutil.copytree(paths.authorities_dir(), shapes, ignore=shutil.ignore_patterns("*.py", "__*"))
    (project / "seeds").parent.mkdir()
    shutil.copytree(paths.seeds_dir(), project / "seeds")
    shutil.copy(paths.dbt_dir() / "dbt_project.yml", project)
    (shapes / f"{NEW}.yml").write_text(SHAPE, "utf-8")
    monkeypatch.setenv("TF_AUTHORITIES", str(shapes))
    monkeypatch.setenv("TF_DBT_DIR", str(project))
    seeds = project / "seeds"
    add(
        seeds / "crosswalks/xwalk_headings.csv",
        [
            {"dataset": d, "heading": h, "field": f}
            for d, named in FIELDS.items()
            for f, h in named.items()
        ],
    )
    add(
        seeds / "crosswalks/xwalk_values.csv",
        [
            {"dataset": d, "field": f, "delivered": w, "canonical": c}
            for (d, f), words in WORDS.items()
            for w, c in words.items()
        ],
    )
    add(
        seeds / "crosswalks/xwalk_intensity_levels.csv",
        [
            {"delivered": n, "local_name": n, "service": "all", "level_rule": "hours"}
            for n in ("Chat", "Visit")
        ],
    )
    add(
        seeds / "crosswalks/xwalk_hours_levels.csv",
        [
            {"intensity_level": "L1", "hours_from": "0", "hours_to": "3"},
            {"intensity_level": "L3", "hours_from": "3", "is_from_included": "true"},
        ],
    )
    add(
        seeds / "declarations/authority_declarations.csv",
        [{"topic": t, "subject": s, "value": v} for t, s, v in DECLARED],
    )
    return tmp_path / "inbox"


def opened(inbox: Path) -> dict[str, NamedDataset]:
    """The new authority's delivery under canonical names, without a finding."""
    found = open_delivery(inbox / MONTH / NEW, registry.shape(NEW), MONTH)
    assert not [finding for one in found for finding in one.rows.findings]
    named = named_datasets(NEW, MONTH, found)
    assert not [heading for one in named.values() for heading in one.unknown]
    return named


def test_unseen_authority_is_written_and_read_back(eleventh: Path) -> None:
    generate(eleventh, [MONTH], FAMILIES, SEED, [NEW])
    expected = truth([MONTH], FAMILIES, SEED, [NEW])[MONTH][NEW]
    found = opened(eleventh)
    assert set(found) == set(FIELDS)
    families = found["families"].frame
    assert families["local_family_id"].n_unique() == expected["families"] == FAMILIES
    is_open = families.filter(
        pl.col("end_date").is_null() & (pl.col("programme_group") == "in")
    ).unique("local_family_id")
    assert is_open.height == expected["open_programme_families"]
    assert found["people"].frame["local_person_id"].is_unique().all()
    unborn = found["people"].frame.filter(pl.col("full_name").str.contains("born$"))
    assert unborn.height and unborn["date_of_birth"].is_not_null().all()


def test_needs_follow_its_own_codes(eleventh: Path) -> None:
    generate(eleventh, [MONTH], FAMILIES, SEED, [NEW])
    expected = truth([MONTH], FAMILIES, SEED, [NEW])[MONTH][NEW]["needs"]
    found = opened(eleventh)
    families = (
        found["families"]
        .frame.filter(pl.col("end_date").is_null() & (pl.col("programme_group") == "in"))
        .select(pl.col("local_family_id").unique())
    )
    needs = found["needs"].frame.join(families, on="local_family_id", how="semi")
    for code, letter in enumerate("abcdef", start=1):
        codes = needs.filter(pl.col("need") == letter)["need_status"]
        assert (codes == "1").sum() == expected[code]["yes"]
        assert (codes == "0").sum() == expected[code]["no"] + expected[code]["not_held"]
    assert expected[1]["no"] == 0 < expected[1]["not_held"]
    assert expected[2]["not_held"] == 0 < expected[2]["no"]


def test_levels_follow_its_own_hours(eleventh: Path) -> None:
    generate(eleventh, [MONTH], FAMILIES, SEED, [NEW])
    levels = truth([MONTH], FAMILIES, SEED, [NEW])[MONTH][NEW]["intensity"]
    assert levels["L2"] == 0 < min(levels["L1"], levels["L3"])
    hours = opened(eleventh)["interventions"].frame["hours_per_week"].cast(pl.Float64)
    assert hours.min() < 3 <= hours.max()
