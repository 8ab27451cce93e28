"""Reads one sheet or text file into text cells, exactly as delivered.

A grid is a Polars frame of text columns `c0…`, with one row per row of the file; the first column
is the row number (1-based, as a spreadsheet shows it). Values are not typed, trimmed or guessed;
a real Excel date becomes ISO text, because its cell holds no text.
"""

import re
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import polars as pl

from tf_pipeline.authorities.spec import DatasetShape
from tf_pipeline.ingest.delivery_problem import problem
from tf_pipeline.ingest.zipped import Damaged, parts
from tf_pipeline.naming import ROW

# a workbook stores a plain date with the time midnight
EXCEL_DATE = r"^(\d{4}-\d{2}-\d{2}) 00:00:00(\.0+)?$"
OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
QUOTED = re.compile(r'"[^"]*"')


def read_grid(path: Path, shape: DatasetShape, dataset: str) -> pl.DataFrame:
    """All cells of the sheet or file that holds a dataset.

    Raises DeliveryProblem (rejected) if the file is empty, unreadable, cut off, in another
    encoding, or has no such sheet.
    """
    if path.stat().st_size == 0:
        raise problem(
            "FILE_EMPTY",
            file_name=path.name,
            dataset=dataset,
        )
    if _is_encrypted(path):
        raise problem(
            "PASSWORD_PROTECTED",
            file_name=path.name,
        )
    if shape.format == "excel":
        return _read_excel(path, shape, dataset)
    return _read_text(path, shape, dataset)


def _is_encrypted(path: Path) -> bool:
    """Whether a file is the container that Office uses for an encrypted workbook."""
    with path.open("rb") as file:
        if file.read(len(OLE_MAGIC)) != OLE_MAGIC:
            return False
    return ENCRYPTED in path.read_bytes()


def sheets(path: Path) -> list[str]:
    """Sheet names of a workbook. Raises DeliveryProblem if it cannot be opened."""
    return _workbook(path, path.stat().st_mtime_ns).sheet_names


@lru_cache(maxsize=2)
def _workbook(path: Path, _modified: int):
    import fastexcel

    rule = "WORKBOOK_UNREADABLE"
    try:
        if _is_whole(path):
            return fastexcel.read_excel(str(path))
    except fastexcel.FastExcelError as error:
        if "password" in str(error).lower():
            rule = "PASSWORD_PROTECTED"
    raise problem(rule, file_name=path.name)


def _is_whole(path: Path) -> bool:
    """Whether every part of a workbook is intact; the Excel reader accepts damaged parts."""
    try:
        with parts(path) as found:
            return found is None or found.testzip() is None
    except Damaged:
        return False


def _read_excel(path: Path, shape: DatasetShape, dataset: str) -> pl.DataFrame:
    names = sheets(path)
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
    book = _workbook(path, path.stat().st_mtime_ns)
    try:
        grid = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except Exception:
        raise problem(
            "SHEET_UNREADABLE",
            file_name=path.name,
            sheet=name,
            dataset=dataset,
        ) from None
    grid = grid.rename({old: f"c{i}" for i, old in enumerate(grid.columns)})
    grid = grid.with_columns(pl.all().cast(pl.String).str.replace(EXCEL_DATE, "$1"))
    return grid.with_row_index(ROW, offset=1)


def _read_text(path: Path, shape: DatasetShape, dataset: str) -> pl.DataFrame:
    text = _decode(path, shape, dataset)
    width = _check_lines(text, path, shape, dataset)
    try:
        grid = pl.read_csv(
            BytesIO(text.encode("utf-8")),
            has_header=False,
            infer_schema=False,
            separator=shape.delimiter,
            schema={f"c{i}": pl.String for i in range(width)},
        )
    except pl.exceptions.PolarsError:
        raise problem(
            "TEXT_UNREADABLE",
            separator=repr(shape.delimiter),
            file_name=path.name,
            dataset=dataset,
        ) from None
    return grid.with_row_index(ROW, offset=1)


def _decode(path: Path, shape: DatasetShape, dataset: str) -> str:
    raw = path.read_bytes()
    encoding = (
        "utf-8-sig" if shape.encoding.lower().replace("_", "-") == "utf-8" else shape.encoding
    )
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise problem(
            "WRONG_ENCODING",
            encoding=shape.encoding,
            file_name=path.name,
            row=raw[: error.start].count(b"\n") + 1,
            dataset=dataset,
        ) from None
    if "\x00" in text:
        raise problem(
            "NOT_A_TEXT_FILE",
            separator=repr(shape.delimiter),
            file_name=path.name,
            dataset=dataset,
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _check_lines(text: str, path: Path, shape: DatasetShape, dataset: str) -> int:
    """Number of columns; a row with fewer or more cells means a cut-off or shifted file."""
    bare = QUOTED.sub("", text)
    open_quote = bare.find('"')
    lines = bare.split("\n")
    if open_quote >= 0:
        raise problem(
            "QUOTE_NOT_CLOSED",
            file_name=path.name,
            row=bare.count("\n", 0, open_quote) + 1,
            dataset=dataset,
        )
    if len(lines) < shape.header_row or not lines[shape.header_row - 1].strip():
        raise problem(
            "HEADING_ROW_MISSING",
            file_name=path.name,
            row=shape.header_row,
            dataset=dataset,
        )
    expected = lines[shape.header_row - 1].count(shape.delimiter)
    if expected == 0:
        raise problem(
            "WRONG_SEPARATOR",
            separator=repr(shape.delimiter),
            file_name=path.name,
            row=shape.header_row,
            dataset=dataset,
        )
    for number, line in enumerate(lines[shape.header_row :], start=shape.header_row + 1):
        if line and line.count(shape.delimiter) != expected:
            raise problem(
                "ROW_OF_WRONG_LENGTH",
                cells=line.count(shape.delimiter) + 1,
                headings=expected + 1,
                separator=repr(shape.delimiter),
                file_name=path.name,
                row=number,
                dataset=dataset,
            )
    return max(line.count(shape.delimiter) for line in lines[: shape.header_row]) + 1
