"""Opens one authority's delivery for one month: files in, rows per dataset out."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from tf_pipeline.authorities.spec import AuthorityShape, DatasetShape
from tf_pipeline.findings import Finding
from tf_pipeline.ingest.delivery_problem import DeliveryProblem
from tf_pipeline.ingest.find import DeliveredFile, assign
from tf_pipeline.ingest.one_reading import read_one_way
from tf_pipeline.ingest.opened_dataset import OpenedDataset
from tf_pipeline.ingest.opening_process import open_elsewhere
from tf_pipeline.ingest.personal_headings import (
    may_be_personal,
    personal_words,
    without_personal_headings,
)
from tf_pipeline.naming import words_key
from tf_pipeline.rules.month_rules import MonthRules
from tf_pipeline.rules.rule_messages import finding
from tf_pipeline.vocabulary import Outcome

# a file or sheet with one of these problems is opened once, however many datasets it holds
STOPPED, BEYOND = {"OPENING_STOPPED", "OPENING_TOO_SLOW"}, {"FILE_TOO_LARGE", "STRAY_CELL"}
WHOLE = "*"


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
    sheets: dict[Path, list[str]] = {}
    stopped: set[tuple[Path, str | None]] = set()
    for dataset, file in files.items():
        opening = shape.datasets[dataset]
        # a file that took too long is not tried again for its other sheets
        if {(file.path, opening.sheet), (file.path, WHOLE)} & stopped:
            continue
        repeats = {
            other.repeat
            for name, other in shape.datasets.items()
            if other.repeat and name in files and _same_place(files[name], other, file, opening)
        }
        try:
            found = open_elsewhere(file.path, opening, dataset, rules.month, repeats)
        except DeliveryProblem as problem:
            findings += [f for f in problem.findings if f not in findings]
            broken = {f.rule for f in problem.findings}
            if broken & (STOPPED | BEYOND):
                stopped.add((file.path, WHOLE if broken & STOPPED else opening.sheet))
            continue
        sheets[file.path] = found.sheets
        opened.append(
            OpenedDataset(
                dataset,
                file.path.name,
                file.sha256,
                opening.sheet,
                opening.date_formats,
                found.rows.header_row,
                found.rows,
                tuple(opening.made),
                found.lines,
                found.records,
            )
        )
    if findings:
        raise DeliveryProblem(findings)
    opened = read_one_way(rules, opened)
    datasets = [(one.dataset, one.rows) for one in opened]
    personal = personal_words(rules, datasets)
    if "UNEXPECTED_SHEET" not in waived:
        _refuse_unknown_sheets(sheets, shape, personal)
    shown = without_personal_headings(rules, datasets, personal)
    return [replace(one, rows=rows) for one, rows in zip(opened, shown, strict=True)]


def _same_place(
    file: DeliveredFile, shape: DatasetShape, other: DeliveredFile, opening: DatasetShape
) -> bool:
    return (file.path, shape.sheet) == (other.path, opening.sheet)


def _refuse_unknown_sheets(
    sheets: dict[Path, list[str]], shape: AuthorityShape, personal: set[str]
) -> None:
    """Holds a delivery with an undeclared sheet, which may contain data for the baseline."""
    declared = {words_key(s) for s in shape.ignore_sheets}
    declared |= {words_key(d.sheet) for d in shape.datasets.values() if d.sheet}
    unnamed = any(d.format == "excel" and not d.sheet for d in shape.datasets.values())
    findings = [
        finding(
            "UNEXPECTED_SHEET",
            file_name=path.name,
            sheet=f"number {number}" if may_be_personal(sheet, personal) else sheet,
        )
        for path, names in sorted(sheets.items())
        for number, sheet in enumerate(names, start=1)
        if words_key(sheet) not in declared
    ]
    if findings and not unnamed:
        raise DeliveryProblem(findings, Outcome.HELD)
