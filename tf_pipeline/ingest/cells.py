"""Reads one sheet or text file into text cells, exactly as delivered.

A grid is a Polars frame of text columns `c0…`, with one row per row of the file; the first column
is the row number (1-based, as a spreadsheet shows it). Values are not typed or guessed; only what
nobody sees around them is taken off (`clean_cells.py`). A real Excel date becomes ISO text, because
its cell holds no text.

Belongs here: what holds for every file. Does not belong here: workbooks (`excel_cells.py`) and text
files (`text_cells.py`).
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from tf_pipeline.findings import Finding
from tf_pipeline.ingest.bounds import MB, Bounds, bounds, too_large
from tf_pipeline.ingest.clean_cells import clean_cells
from tf_pipeline.ingest.delivery_problem import problem
from tf_pipeline.naming import ROW

if TYPE_CHECKING:
    from tf_pipeline.authorities.spec import DatasetShape

OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class Grid:
    """The cells of a sheet or text file, and what was counted without the reader.

    `lines`: lines of a text file, or the last filled row of a sheet. `records`: records of a text
    file, or filled rows of a sheet. `errors`: (row, column, text) of Excel's error cells. Findings
    have no dataset, because several datasets may read one grid.
    """

    cells: pl.DataFrame
    lines: int
    records: int
    findings: list[Finding] = field(default_factory=list)
    errors: list[tuple[int, int, str]] = field(default_factory=list)


def read_cells(
    path: Path, shape: "DatasetShape", dataset: str, limits: Bounds | None = None
) -> Grid:
    """All cells of the sheet or file that holds a dataset.

    Raises DeliveryProblem (rejected) if the file is empty, unreadable, cut off, in another
    encoding, beyond a bound, or has no such sheet.
    """
    limits = limits or bounds()
    size = path.stat().st_size
    if size == 0:
        raise problem(
            "FILE_EMPTY",
            file_name=path.name,
            dataset=dataset,
        )
    if size > limits.file_mb * MB:
        place = {"file_name": path.name, "dataset": dataset}
        raise too_large("file_mb", -(-size // MB), limits, **place)
    if _is_encrypted(path):
        raise problem(
            "PASSWORD_PROTECTED",
            file_name=path.name,
        )
    if shape.format == "excel":
        from tf_pipeline.ingest.excel_cells import read_sheet

        found = read_sheet(path, shape, dataset, limits)
    else:
        from tf_pipeline.ingest.text_cells import read_text

        found = read_text(path, shape, dataset, limits)
    _check_cells(found.cells, path, shape, dataset, limits)
    return replace(found, cells=clean_cells(found.cells))


def read_grid(path: Path, shape: "DatasetShape", dataset: str) -> pl.DataFrame:
    """The cells alone, as `read_cells` reads them."""
    return read_cells(path, shape, dataset).cells


def _is_encrypted(path: Path) -> bool:
    """Whether a file is the container that Office uses for an encrypted workbook."""
    with path.open("rb") as file:
        if file.read(len(OLE_MAGIC)) != OLE_MAGIC:
            return False
    return ENCRYPTED in path.read_bytes()


def _check_cells(
    cells: pl.DataFrame, path: Path, shape: "DatasetShape", dataset: str, limits: Bounds
) -> None:
    """Raises DeliveryProblem (rejected) if a cell is longer than a cell may be."""
    longest = max(n or 0 for n in cells.select(pl.exclude(ROW).str.len_chars().max()).row(0))
    if longest > limits.cell_characters:
        place: dict = {"file_name": path.name, "sheet": shape.sheet, "dataset": dataset}
        raise too_large("cell_characters", longest, limits, **place)
