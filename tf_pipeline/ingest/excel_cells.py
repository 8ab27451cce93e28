"""Reads one sheet of a workbook into text cells.

Belongs here: opening a workbook, its sheets and their cells, errors and formulas.
Does not belong here: the range of a sheet (`sheet_scan.py`), text files (`text_cells.py`).
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from tf_pipeline.findings import Finding
from tf_pipeline.ingest.bounds import Bounds
from tf_pipeline.ingest.cells import Grid
from tf_pipeline.ingest.delivery_problem import problem
from tf_pipeline.ingest.sheet_scan import SheetScan, scan_sheet
from tf_pipeline.ingest.workbook_parts import plainly_from_1904, workbook_parts
from tf_pipeline.ingest.zipped import Damaged, check_unpacked, parts
from tf_pipeline.naming import ROW
from tf_pipeline.rules.rule_messages import finding

if TYPE_CHECKING:
    from tf_pipeline.authorities.spec import DatasetShape

# a workbook stores a plain date with the time midnight
EXCEL_DATE = r"^(\d{4}-\d{2}-\d{2}) 00:00:00(\.0+)?$"


@dataclass(frozen=True)
class Workbook:
    """An intact workbook: the Excel reader's book, and sheet name → its part, if it is known."""

    book: Any
    sheets: dict[str, str]


def sheets(path: Path, limits: Bounds) -> list[str]:
    """Sheet names of a workbook. Raises DeliveryProblem if it cannot be opened."""
    return _workbook(path, path.stat().st_mtime_ns, limits).book.sheet_names


def read_sheet(path: Path, shape: "DatasetShape", dataset: str, limits: Bounds) -> Grid:
    """The cells of a sheet; an error cell has Excel's own text for it, such as #N/A.

    Raises DeliveryProblem (rejected).
    """
    opened = _workbook(path, path.stat().st_mtime_ns, limits)
    names = opened.book.sheet_names
    wanted = (shape.sheet or names[0]).strip().lower()
    name = next((n for n in names if n.strip().lower() == wanted), None)
    if name is None:
        raise problem(
            "SHEET_MISSING",
            count=len(names),
            file_name=path.name,
            sheet=shape.sheet,
            dataset=dataset,
        )
    # several datasets may read the sheet
    place = {"file_name": path.name, "sheet": name}
    try:
        scan = _scan(path, opened.sheets.get(name), limits, place)
        sheet = opened.book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        cells = sheet.to_polars()
    except Exception as error:
        if hasattr(error, "findings") or isinstance(error, MemoryError):
            raise
        raise problem(
            "SHEET_UNREADABLE",
            dataset=dataset,
            **place,
        ) from None
    cells = cells.rename({old: f"c{i}" for i, old in enumerate(cells.columns)})
    cells = cells.with_columns(pl.all().cast(pl.String).str.replace(EXCEL_DATE, "$1"))
    if scan is None:
        return Grid(cells.with_row_index(ROW, offset=1), cells.height, cells.height)
    cells = _with_errors(cells, scan).with_row_index(ROW, offset=1)
    errors = [(row, column - scan.first_column, text) for row, column, text in scan.errors]
    found = _findings_of_formulas(scan, path.name, name)
    return Grid(cells, scan.last_row, scan.filled_rows, found, errors)


@lru_cache(maxsize=2)
def _workbook(path: Path, _modified: int, limits: Bounds) -> Workbook:
    import fastexcel

    rule = "WORKBOOK_UNREADABLE"
    try:
        with parts(path) as whole:
            if whole is None:
                return Workbook(fastexcel.read_excel(str(path)), {})
            check_unpacked(whole, limits, file_name=path.name)
            # the Excel reader accepts damaged parts
            if whole.testzip() is None:
                found = workbook_parts(whole)
                is_from_1904 = found is not None and found.is_from_1904
                source = plainly_from_1904(whole, found) if found and is_from_1904 else str(path)
                return Workbook(fastexcel.read_excel(source), found.sheets if found else {})
    except Damaged:
        pass
    except fastexcel.FastExcelError as error:
        if "password" in str(error).lower():
            rule = "PASSWORD_PROTECTED"
    raise problem(rule, file_name=path.name)


def _scan(path: Path, part: str | None, limits: Bounds, place: dict) -> SheetScan | None:
    """What the sheet's own XML says; None for a workbook that is not in Excel's XML form."""
    if not part:
        return None
    with parts(path) as whole:
        if whole is None:
            return None
        with whole.open(part) as content:
            return scan_sheet(content, limits, **place)


def _with_errors(cells: pl.DataFrame, scan: SheetScan) -> pl.DataFrame:
    """The cells, with Excel's text in error cells, which its reader gives as blank."""
    by_column: dict[int, tuple[list[int], list[str]]] = {}
    for row, column, text in scan.errors:
        rows, texts = by_column.setdefault(column - scan.first_column, ([], []))
        rows.append(row - 1)
        texts.append(text)
    width, height = cells.width, cells.height
    # the reader leaves out what is behind the last cell that it takes for filled
    height = max([height, *(max(rows) + 1 for rows, _ in by_column.values())])
    if height > cells.height:
        blank = pl.DataFrame({c: [None] * (height - cells.height) for c in cells.columns})
        cells = pl.concat([cells, blank.cast(pl.String)])
    for column in range(width, max([width, *(column + 1 for column in by_column)])):
        cells = cells.with_columns(pl.lit(None, pl.String).alias(f"c{column}"))
    return cells.with_columns(
        cells[f"c{column}"].scatter(rows, texts) for column, (rows, texts) in by_column.items()
    )


def _findings_of_formulas(scan: SheetScan, file_name: str, sheet: str) -> list[Finding]:
    if not scan.formulas:
        return []
    return [
        finding(
            "FORMULA_CELLS",
            without_value=scan.formulas_without_value,
            file_name=file_name,
            sheet=sheet,
            occurrences=scan.formulas,
        )
    ]
