"""Opens one authority's delivery for one month: files in, rows per dataset out."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from tf_pipeline.authorities.spec import AuthorityShape, DatasetShape
from tf_pipeline.findings import Finding
from tf_pipeline.ingest.cells import read_grid, sheets
from tf_pipeline.ingest.delivery_problem import DeliveryProblem
from tf_pipeline.ingest.find import DeliveredFile, assign
from tf_pipeline.ingest.formulas import findings_of_formulas
from tf_pipeline.ingest.personal_headings import (
    may_be_personal,
    personal_words,
    without_personal_headings,
)
from tf_pipeline.ingest.rows import Rows, read_rows
from tf_pipeline.naming import words_key
from tf_pipeline.rules.month_rules import MonthRules
from tf_pipeline.rules.rule_messages import finding
from tf_pipeline.vocabulary import Outcome


@dataclass(frozen=True)
class OpenedDataset:
    """One dataset of a delivery with its origin: file, content hash, sheet, date formats."""

    dataset: str
    file_name: str
    file_sha256: str
    sheet: str | None
    date_formats: list[str]
    header_row: int
    rows: Rows
    made: tuple[str, ...] = ()


def open_delivery(
    folder: Path, shape: AuthorityShape, rules: MonthRules, waived: Collection[str] = ()
) -> list[OpenedDataset]:
    """Every dataset of a month's delivery folder, in the order of the authority's shape.

    `waived` are rules with a recorded waiver; undeclared files and sheets are then ignored.
    Raises DeliveryProblem with one finding for every problem, not only the first.
    """
    files = assign(folder, shape, "UNEXPECTED_FILE" in waived)
    opened: list[OpenedDataset] = []
    findings: list[Finding] = []
    grids: dict[tuple[Path, str | None], pl.DataFrame] = {}
    looked_into: list[Path] = []
    for dataset, file in files.items():
        opening = shape.datasets[dataset]
        place = (file.path, opening.sheet)
        try:
            if place not in grids:
                grids = {place: read_grid(file.path, opening, dataset)}
            repeats = {
                other.repeat
                for name, other in shape.datasets.items()
                if other.repeat and name in files and _same_place(files[name], other, place)
            }
            rows = read_rows(grids[place], opening, dataset, rules.month, file.path.name, repeats)
            if opening.format == "excel" and file.path not in looked_into:
                looked_into.append(file.path)
                rows.findings.extend(findings_of_formulas(file.path, dataset))
        except DeliveryProblem as problem:
            findings += [f for f in problem.findings if f not in findings]
            continue
        opened.append(
            OpenedDataset(
                dataset,
                file.path.name,
                file.sha256,
                opening.sheet,
                opening.date_formats,
                opening.header_row,
                rows,
                tuple(opening.made),
            )
        )
    if findings:
        raise DeliveryProblem(findings)
    datasets = [(one.dataset, one.rows) for one in opened]
    personal = personal_words(rules, datasets)
    if "UNEXPECTED_SHEET" not in waived:
        _refuse_unknown_sheets(files, shape, personal)
    shown = without_personal_headings(rules, datasets, personal)
    return [replace(one, rows=rows) for one, rows in zip(opened, shown, strict=True)]


def _same_place(file: DeliveredFile, shape: DatasetShape, place: tuple[Path, str | None]) -> bool:
    return (file.path, shape.sheet) == place


def _refuse_unknown_sheets(
    files: dict[str, DeliveredFile], shape: AuthorityShape, personal: set[str]
) -> None:
    """Holds a delivery with an undeclared sheet, which may contain data for the baseline."""
    declared = {words_key(s) for s in shape.ignore_sheets}
    declared |= {words_key(d.sheet) for d in shape.datasets.values() if d.sheet}
    books = {
        files[name].path
        for name, opening in shape.datasets.items()
        if opening.format == "excel" and name in files
    }
    unnamed = any(d.format == "excel" and not d.sheet for d in shape.datasets.values())
    findings = [
        finding(
            "UNEXPECTED_SHEET",
            file_name=path.name,
            sheet=f"number {number}" if may_be_personal(sheet, personal) else sheet,
        )
        for path in sorted(books)
        for number, sheet in enumerate(sheets(path), start=1)
        if words_key(sheet) not in declared
    ]
    if findings and not unnamed:
        raise DeliveryProblem(findings, Outcome.HELD)
