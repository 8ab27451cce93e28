"""Counts the formulas of a workbook: they are never evaluated, so somebody must know of them."""

import re
from pathlib import Path

from tf_pipeline.findings import Finding
from tf_pipeline.ingest.zipped import Damaged, parts
from tf_pipeline.rules.rule_messages import finding

FORMULA = re.compile(rb"<f[ />]")


def formula_cells(path: Path) -> int:
    """How many cells of an Excel workbook hold a formula; 0 for any other file."""
    try:
        with parts(path) as book:
            if book is None:
                return 0
            pages = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
            return sum(len(FORMULA.findall(book.read(name))) for name in pages)
    except Damaged:
        return 0


def findings_of_formulas(path: Path, dataset: str) -> list[Finding]:
    """One finding for a workbook with formulas."""
    count = formula_cells(path)
    if not count:
        return []
    return [finding("FORMULA_CELLS", dataset=dataset, file_name=path.name, occurrences=count)]
