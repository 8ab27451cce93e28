"""GM's own workbook: datasets and headings that any authority may fill in instead of its own.

Belongs here: which fields it has, and the shape of a delivery that uses it.
Does not belong here: writing it (`pages/extract.py`).
"""

import re
from typing import Any

import polars as pl

from tf_pipeline.rules.crosswalks import seed
from tf_pipeline.rules.frameworks import framework_in_force
from tf_pipeline.rules.heading_map import NAME
from tf_pipeline.rules.month_rules import MonthRules

NOTES = "Notes"
# real dates arrive in the first format; a month may also be typed
DATE_FORMATS = ["%Y-%m-%d", "%Y-%m"]


def workbook_fields(month: str | None = None) -> pl.DataFrame:
    """Rows of `ref_fields` that are columns of the workbook, in order.

    Includes the needs of the framework in force in the month, or of all frameworks.
    """
    rows = seed("reference/ref_fields.csv").filter(in_workbook="true")
    if month is None:
        return rows
    codes = {str(code) for code in framework_in_force(month).needs}
    found = [re.match(r"need_(\d+)", name) for name in rows["field"]]
    return rows.filter(pl.Series([one is None or one[1] in codes for one in found]))


def workbook_shape(values: dict[str, Any]) -> dict[str, Any]:
    """An authority's YAML with its line `workbook: FILES` written out in full.

    Datasets that the YAML defines itself keep that definition; `without` leaves datasets out.
    """
    book = values.get("workbook")
    if not isinstance(book, str):
        return values
    sheets = workbook_fields()["dataset"].unique(maintain_order=True).to_list()
    without = values.get("without") or []
    own = values.get("datasets") or {}
    from_book = {
        name: {"files": book, "format": "excel", "sheet": name, "date_formats": DATE_FORMATS}
        for name in sheets
        if name not in (*without, *own)
    }
    ignored = [NOTES, *(name for name in sheets if name in (*without, *own))]
    return {
        "date_formats": DATE_FORMATS,
        **values,
        "datasets": {**from_book, **own},
        "ignore_sheets": [*ignored, *(values.get("ignore_sheets") or [])],
    }


def expected_headings(rules: MonthRules, from_workbook: set[str] | frozenset[str]) -> pl.DataFrame:
    """The headings that an authority is asked for: dataset, heading, heading_key, field.

    Those of the crosswalk, and GM's own headings for the datasets in GM's workbook. The
    authority's own row for a heading wins; a field that it renames has both headings.
    """
    asked = workbook_fields(rules.month).filter(pl.col("dataset").is_in(list(from_workbook)))
    of_gm = rules.headings.filter(preference=NAME).join(
        asked, on=["dataset", "field"], how="semi", maintain_order="left"
    )
    return pl.concat([rules.crosswalk, of_gm.select(rules.crosswalk.columns)])
