"""Sets aside rows of another authority's families, which may be a data breach to report."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from tf_pipeline.deliveries.history import ids_of_others
from tf_pipeline.findings import Finding
from tf_pipeline.ingest.fields import NamedDataset
from tf_pipeline.ingest.opened_dataset import OpenedDataset
from tf_pipeline.naming import REASON, ROW
from tf_pipeline.rules.month_rules import MonthRules
from tf_pipeline.rules.rule_messages import finding
from tf_pipeline.vocabulary import SetAside

KINDS = {"family": "local_family_id", "person": "local_person_id"}
CODE = "la_code"
ROWS_SHOWN = 5


def without_misdirected(
    rules: MonthRules,
    opened: Sequence[OpenedDataset],
    named: dict[str, NamedDataset],
    has_warehouse: bool,
) -> tuple[list[OpenedDataset], dict[str, NamedDataset], list[Finding]]:
    """The delivery without rows of another authority's families, and the findings on them.

    Such a row has another authority's code, or a number that only another authority uses.
    MISDIRECTED is about some rows of a dataset, MISDIRECTED_FILE about all of them.
    """
    codes = list(rules.codes_of_others)
    strange = {kind: _with_code(codes, field, named) for kind, field in KINDS.items()}
    if has_warehouse:
        for kind, field in KINDS.items():
            strange[kind] |= ids_of_others(rules.authority, kind, _ids(field, named))
    if not any(strange.values()):
        return list(opened), named, []
    kept: list[OpenedDataset] = []
    shown: dict[str, NamedDataset] = {}
    findings: list[Finding] = []
    for one in opened:
        frame = named[one.dataset].frame
        marks = pl.Series("out", [False] * frame.height, dtype=pl.Boolean)
        for kind, field in KINDS.items():
            if field in frame.columns:
                marks |= frame[field].is_in(sorted(strange[kind])).fill_null(False)
        if CODE in frame.columns:
            marks |= frame[CODE].is_in(codes).fill_null(False)
        if marks.any():
            findings.append(_finding(one, marks))
            one = _split(one, marks)
            frame = frame.filter(~marks)
        kept.append(one)
        shown[one.dataset] = replace(named[one.dataset], opened=one, frame=frame)
    return kept, shown, findings


def _ids(field: str, named: dict[str, NamedDataset]) -> set[str]:
    frames = [one.frame for one in named.values() if field in one.frame.columns]
    return {text for frame in frames for text in frame[field].drop_nulls()}


def _with_code(codes: list[str], field: str, named: dict[str, NamedDataset]) -> set[str]:
    """Ids in rows with another authority's code, and in no row with this one's."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for one in named.values():
        if {CODE, field} <= set(one.frame.columns):
            marks = one.frame[CODE].is_in(codes).fill_null(False)
            for is_other, rows in (
                (True, one.frame.filter(marks)),
                (False, one.frame.filter(~marks)),
            ):
                found[is_other] |= set(rows[field].drop_nulls())
    return found[True] - found[False]


def _split(one: OpenedDataset, marks: pl.Series) -> OpenedDataset:
    out = one.rows.accepted.filter(marks).with_columns(
        pl.lit(SetAside.OTHER_AUTHORITY.value).alias(REASON)
    )
    aside = pl.concat([one.rows.set_aside, out], how="diagonal_relaxed")
    rows = replace(one.rows, accepted=one.rows.accepted.filter(~marks), set_aside=aside)
    return replace(one, rows=rows)


def _finding(one: OpenedDataset, marks: pl.Series) -> Finding:
    numbers = one.rows.accepted.filter(marks)[ROW].unique().sort().to_list()
    count = int(marks.sum())
    places = ", ".join(str(n) for n in numbers[:ROWS_SHOWN])
    return finding(
        "MISDIRECTED_FILE" if count == marks.len() else "MISDIRECTED",
        rows=marks.len(),
        places=places + (" and more" if len(numbers) > ROWS_SHOWN else ""),
        dataset=one.dataset,
        file_name=one.file_name,
        sheet=one.sheet,
        row=numbers[0],
        occurrences=count,
    )
