"""Opens one dataset of a delivery: a sheet or a text file in, its rows and two counts out."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tf_pipeline.ingest.bounds import Bounds
from tf_pipeline.ingest.cells import Grid, read_cells
from tf_pipeline.ingest.rows import Rows, read_rows

if TYPE_CHECKING:
    from tf_pipeline.authorities.spec import DatasetShape


@dataclass(frozen=True)
class OpenedRows:
    """The rows of a dataset; `sheets` are all sheets of its workbook, none of a text file.

    `lines` and `records` are counted without the reader: lines and records of a text file, the
    last filled row and the filled rows of a sheet.
    """

    rows: Rows
    sheets: list[str]
    lines: int
    records: int


@dataclass(frozen=True)
class _Place:
    """A sheet or text file, as the same one for several datasets."""

    path: Path
    modified: int
    format: str
    sheet: str | None
    encoding: str
    delimiter: str
    header_row: int


def open_rows(
    path: Path,
    shape: "DatasetShape",
    dataset: str,
    month: str,
    repeats: Collection[str],
    limits: Bounds,
) -> OpenedRows:
    """The rows of one dataset; `repeats` are groups that other datasets of the sheet read.

    Raises DeliveryProblem (rejected).
    """
    grid = _grid(
        _Place(
            path,
            path.stat().st_mtime_ns,
            shape.format,
            shape.sheet,
            shape.encoding,
            shape.delimiter,
            shape.header_row,
        ),
        dataset,
        limits,
    )
    rows = read_rows(
        grid.cells,
        shape,
        dataset,
        month,
        path.name,
        repeats,
        grid.errors,
        limits,
    )
    rows.findings.extend(replace(finding, dataset=dataset) for finding in grid.findings)
    sheets: list[str] = []
    if shape.format == "excel":
        from tf_pipeline.ingest.excel_cells import sheets as sheets_of

        sheets = sheets_of(path, limits)
    return OpenedRows(rows, sheets, grid.lines, grid.records)


@lru_cache(maxsize=1)
def _grid(place: _Place, dataset: str, limits: Bounds) -> Grid:
    return read_cells(place.path, place, dataset, limits)  # type: ignore[arg-type]
