"""The extract specification: every field, its meaning, its allowed values, who supplies what.

Belongs here: reading it from the reference data and writing page and workbook.
Does not belong here: an authority's own headings and words (the crosswalks).
"""

import re
from pathlib import Path

from tf_pipeline.pages.extract import write_extract
from tf_pipeline.pages.pack_files import write_workbook
from tf_pipeline.pages.render import render
from tf_pipeline.rules.crosswalks import in_force, seed
from tf_pipeline.rules.frameworks import framework_in_force, need_fields

PAGE, WORKBOOK = "specification.html", "specification.xlsx"
FIELD_HEADINGS = ("Dataset", "Field", "Meaning", "Type", "Allowed values", "Essential", "Personal")
SUPPLY_HEADINGS = ("Organisation", "Data", "Supplied to", "Not supplied to", "Not known for")
TYPES = {
    "id": "a number or code that never changes for a family, person or case",
    "word": "one of the allowed values, or a word agreed with GM",
    "list": "allowed values in one cell, separated by ; or ,",
    "date": "a day, always written in the same way",
    "month": "a month, always written in the same way",
    "number": "digits; a point before decimals",
}


def write_specification(month: str, folder: Path) -> list[Path]:
    """Writes the specification in force at the end of a month; returns its files."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "month": month,
        "framework": framework_in_force(month).name.replace("_", " "),
        "fields": field_rows(month),
        "supply": supply_rows(month),
        "field_headings": FIELD_HEADINGS,
        "supply_headings": SUPPLY_HEADINGS,
    }
    page, book = folder / PAGE, folder / WORKBOOK
    page.write_text(render("specification.j2", **content), "utf-8")
    write_workbook(
        book,
        {
            "Fields": (FIELD_HEADINGS, content["fields"], (16, 24, 60, 40, 60, 10, 10)),
            "Supply": (SUPPLY_HEADINGS, content["supply"], (28, 24, 40, 40, 40)),
        },
    )
    return [page, book, write_extract(month, folder)]


def field_rows(month: str) -> list[tuple[str, ...]]:
    """One row per field, without needs of a framework that is not in force in the month."""
    allowed: dict[str, list[str]] = {}
    for domain, value, label in (
        seed("reference/ref_values.csv").select("domain", "value", "label").iter_rows()
    ):
        allowed.setdefault(domain, []).append(f"{value} ({label})" if label else value)
    codes = {str(code) for code in framework_in_force(month).needs}
    every = {name.removeprefix("need_") for name in need_fields()}
    rows: list[tuple[str, ...]] = []
    for row in seed("reference/ref_fields.csv").iter_rows(named=True):
        code = re.match(r"need_(\d+)", row["field"])
        if code and code[1] in every - codes:
            continue
        kind = row["data_type"]
        rows.append(
            (
                row["dataset"],
                row["field"],
                row["description"] or "",
                TYPES.get(kind, kind),
                "; ".join(allowed.get(row["domain"], [])) if kind in ("word", "list") else "",
                "yes" if row["is_essential"] == "true" else "no",
                "yes" if row["is_personal"] == "true" else "no",
            )
        )
    return rows


def supply_rows(month: str) -> list[tuple[str, ...]]:
    """One row per organisation and dataset: the authorities it supplies or does not supply."""
    found: dict[tuple[str, str], dict[str | None, list[str]]] = {}
    register = in_force(seed("declarations/supply_register.csv"), month)
    for row in register.iter_rows(named=True):
        authorities_by = found.setdefault((row["organisation"], row["dataset"]), {})
        authorities_by.setdefault(row["is_supplied"], []).append(row["authority"])
    return [
        (
            organisation.replace("_", " "),
            dataset.replace("_", " "),
            *(" ".join(sorted(authorities_by.get(key, []))) for key in ("true", "false", None)),
        )
        for (organisation, dataset), authorities_by in sorted(found.items())
    ]
