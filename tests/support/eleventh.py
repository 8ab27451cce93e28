"""A new authority with its own shapes: only one YAML file and seed rows."""

import shutil
from pathlib import Path

import polars as pl

from tests.support.commands import REPO

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
    """Adds rows to a seed; columns that they lack stay blank."""
    known = pl.read_csv(seed, infer_schema=False)
    dated = [{**REVIEWED, "authority": NEW, **row} for row in rows]
    full = [{name: row.get(name) for name in known.columns} for row in dated]
    pl.concat([known, pl.DataFrame(full, schema=known.schema)]).write_csv(seed)


def add_eleventh(folder: Path) -> dict[str, str]:
    """Copies the data files and adds the new authority; returns the environment to use them."""
    shapes, project = folder / "authorities", folder / "dbt_project"
    package = REPO / "tf_pipeline/authorities"
    shutil.copytree(package, shapes, ignore=shutil.ignore_patterns("*.py", "__*", "*.md"))
    shutil.copytree(REPO / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    shutil.copytree(REPO / "expectations", folder / "expectations")
    (shapes / f"{NEW}.yml").write_text(SHAPE, "utf-8")
    seeds = project / "seeds"
    add(seeds / "reference/ref_authorities.csv", [{"name": "LA 11", "gss_code": "X08000011"}])
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
    add(
        seeds / "declarations/authority_definitions.csv",
        [
            {"topic": need, "definition": "As its workers see it", "source_basis": "key_worker",
             "collection_mode": "not_known", "meaning": "worker_report", "source": "a test"}
            for need in ("crime_asb", "education", "children_need_help", "worklessness_finance",
                         "domestic_abuse", "health")
        ],
    )  # fmt: skip
    return {
        "TF_AUTHORITIES": str(shapes),
        "TF_DBT_DIR": str(project),
        "TF_EXPECTATIONS": str(folder / "expectations"),
    }
