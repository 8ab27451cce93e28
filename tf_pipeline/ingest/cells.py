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
            "the file has no content (0 bytes); expected its rows: please export it again",
            file_name=path.name,
            dataset=dataset,
        )
    if _is_encrypted(path):
        raise problem(
            "PASSWORD_PROTECTED",
            "the workbook is protected by a password; expected the same workbook without one",
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

    why = "it is damaged or cut off"
    try:
        if _is_whole(path):
            return fastexcel.read_excel(str(path))
    except fastexcel.FastExcelError as error:
        why = "it is protected by a password" if "password" in str(error).lower() else why
    raise problem(
        "WORKBOOK_UNREADABLE",
        f"the workbook cannot be opened: {why}; expected an Excel workbook (.xlsx) that "
        "opens without a password",
        file_name=path.name,
    )


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
            f"there is no such sheet; expected one named '{shape.sheet}' among the {len(names)} of "
            "the workbook",
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
            "the sheet cannot be read: it is empty or damaged; expected a heading row and data",
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
            f"the file cannot be read as text separated by {shape.delimiter!r}; expected plain "
            "text with a heading row, such as a CSV export",
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
            f"the file is not {shape.encoding} text; expected it saved as {shape.encoding}",
            file_name=path.name,
            row=raw[: error.start].count(b"\n") + 1,
            dataset=dataset,
        ) from None
    if "\x00" in text:
        raise problem(
            "NOT_A_TEXT_FILE",
            "the file is not text (it may be a workbook or an archive under another name); "
            f"expected text separated by {shape.delimiter!r}",
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
            'a double quote (") is opened and not closed; the file may be cut off here. Expected: '
            "the whole file, each quote closed in its own cell",
            file_name=path.name,
            row=bare.count("\n", 0, open_quote) + 1,
            dataset=dataset,
        )
    if len(lines) < shape.header_row or not lines[shape.header_row - 1].strip():
        raise problem(
            "HEADING_ROW_MISSING",
            f"there is no heading row; expected it on row {shape.header_row}",
            file_name=path.name,
            row=shape.header_row,
            dataset=dataset,
        )
    expected = lines[shape.header_row - 1].count(shape.delimiter)
    if expected == 0:
        raise problem(
            "WRONG_SEPARATOR",
            f"no {shape.delimiter!r} in the heading row; expected headings separated by it",
            file_name=path.name,
            row=shape.header_row,
            dataset=dataset,
        )
    for number, line in enumerate(lines[shape.header_row :], start=shape.header_row + 1):
        if line and line.count(shape.delimiter) != expected:
            raise problem(
                "ROW_OF_WRONG_LENGTH",
                f"the row has {line.count(shape.delimiter) + 1} cells where the heading row has "
                f"{expected + 1}; the file may be cut off, or a cell holds an unquoted "
                f"{shape.delimiter!r}. Expected: as many cells in every row",
                file_name=path.name,
                row=number,
                dataset=dataset,
            )
    return max(line.count(shape.delimiter) for line in lines[: shape.header_row]) + 1
