"""Reads a text file into text cells; lines and records are counted without the reader.

Belongs here: encodings, separators, quotes, and rows that a reader would swallow.
Does not belong here: workbooks (`excel_cells.py`).
"""

import csv
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from tf_pipeline.ingest.bounds import Bounds, too_large
from tf_pipeline.ingest.cells import Grid
from tf_pipeline.ingest.delivery_problem import DeliveryProblem, problem
from tf_pipeline.naming import ROW

if TYPE_CHECKING:
    from tf_pipeline.authorities.spec import DatasetShape

UTF_8 = {"utf-8", "utf8", "utf-8-sig"}


@dataclass(frozen=True)
class Records:
    """What Python's own CSV reader counts: the rows above the headings, columns and records."""

    above: list[list[str]]
    columns: int
    count: int
    lines_above: int


def read_text(path: Path, shape: "DatasetShape", dataset: str, limits: Bounds) -> Grid:
    """The cells of a text file. Raises DeliveryProblem (rejected)."""
    place = {"file_name": path.name, "dataset": dataset}
    text = _decode(path, shape, place)
    lines = text.count("\n") + (not text.endswith("\n"))
    if lines > limits.rows:
        raise too_large("lines", lines, limits.rows, "rows", **place)
    records = _count(text, shape, limits, place)
    if records.count * records.columns > limits.cells:
        raise too_large("cells", records.count * records.columns, limits.cells, "cells", **place)
    cells = _read(text, shape, records, place)
    if cells.height != records.count - len(records.above):
        raise _unreadable(shape, place)
    return Grid(cells.with_row_index(ROW, offset=len(records.above) + 1), lines, records.count)


def _decode(path: Path, shape: "DatasetShape", place: dict) -> str:
    raw = path.read_bytes()
    is_utf_8 = shape.encoding.lower().replace("_", "-") in UTF_8
    try:
        text = raw.decode("utf-8-sig" if is_utf_8 else shape.encoding)
    except UnicodeDecodeError as error:
        raise problem(
            "WRONG_ENCODING",
            f"the file is not {shape.encoding} text; expected it saved as {shape.encoding}",
            row=raw[: error.start].count(b"\n") + 1,
            **place,
        ) from None
    if "\x00" in text:
        raise problem(
            "NOT_A_TEXT_FILE",
            "the file is not text (it may be a workbook or an archive under another name); "
            f"expected text separated by {shape.delimiter!r}",
            **place,
        )
    if not is_utf_8 and not raw.isascii():
        _refuse_utf_8(raw, shape, place)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refuse_utf_8(raw: bytes, shape: "DatasetShape", place: dict) -> None:
    """Raises DeliveryProblem if a file is UTF-8; its other letters would come out as two signs."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return
    first = next(n for n, line in enumerate(raw.split(b"\n"), start=1) if not line.isascii())
    raise problem(
        "WRONG_ENCODING",
        f"the file is UTF-8 text; expected it saved as {shape.encoding}, as this authority "
        "declares. If it will send UTF-8 from now on, GM changes `encoding` in its YAML",
        row=first,
        **place,
    )


def _count(text: str, shape: "DatasetShape", limits: Bounds, place: dict) -> Records:
    """Counts records by Python's own reader.

    Raises DeliveryProblem for a row with fewer or more cells (a cut-off or shifted file), a quote
    out of place, and a cell that holds whole rows.
    """
    csv.field_size_limit(limits.cell_characters)
    reader = csv.reader(StringIO(text, newline=""), delimiter=shape.delimiter, strict=True)
    above: list[list[str]] = []
    columns = lines_above = before = count = 0
    try:
        for record in reader:
            count += 1
            if not columns:
                if count < shape.header_row or not any(cell.strip() for cell in record):
                    above.append(record)
                    lines_above = before = reader.line_num
                    continue
                columns = _width(record, count, shape, limits, place)
            elif len(record) != columns and record:
                raise _wrong_length(len(record), columns, count, shape, place)
            if reader.line_num > before + 1:
                _refuse_swallowed(record, columns, reader.line_num - before, count, shape, place)
            before = reader.line_num
    except csv.Error as error:
        raise _bad_quote(str(error), count + 1, limits, shape, place) from None
    if not columns:
        raise problem(
            "HEADING_ROW_MISSING",
            f"there is no heading row; expected it on row {shape.header_row}",
            row=shape.header_row,
            **place,
        )
    return Records(above, columns, count, lines_above)


def _width(record: list[str], row: int, shape: "DatasetShape", limits: Bounds, place: dict) -> int:
    if len(record) == 1:
        raise problem(
            "WRONG_SEPARATOR",
            f"no {shape.delimiter!r} in the heading row; expected headings separated by it in row "
            f"{shape.header_row}, and no other row above them than usual",
            row=row,
            **place,
        )
    if len(record) > limits.columns:
        raise too_large("columns", len(record), limits.columns, "columns", row=row, **place)
    return len(record)


def _wrong_length(
    found: int, expected: int, row: int, shape: "DatasetShape", place: dict
) -> DeliveryProblem:
    return problem(
        "ROW_OF_WRONG_LENGTH",
        f"the row has {found} cells where the heading row has {expected}; the file may be cut off, "
        f"or a cell holds an unquoted {shape.delimiter!r}. Expected: as many cells in every row",
        row=row,
        **place,
    )


def _refuse_swallowed(
    record: list[str], columns: int, lines: int, row: int, shape: "DatasetShape", place: dict
) -> None:
    """Raises DeliveryProblem if a cell holds line breaks and the separators of as many rows."""
    for cell in record:
        breaks = cell.count("\n")
        if breaks and cell.count(shape.delimiter) == breaks * (columns - 1):
            raise problem(
                "ROWS_IN_ONE_CELL",
                f'a double quote (") opens a cell in this row and closes {lines - 1} lines further '
                f"on, so that one cell holds {breaks} whole rows. Expected: a quote inside "
                'a text written twice (""), or taken out, and each row on its own line',
                row=row,
                **place,
            )


def _bad_quote(
    said: str, row: int, limits: Bounds, shape: "DatasetShape", place: dict
) -> DeliveryProblem:
    if "field limit" in said:
        what, bound = "characters and more in one cell", limits.cell_characters
        return too_large(what, bound + 1, bound, "cell_characters", row=row, **place)
    if "unexpected end" in said:
        return problem(
            "QUOTE_NOT_CLOSED",
            'a double quote (") is opened and not closed; the file may be cut off here. Expected: '
            "the whole file, each quote closed in its own cell",
            row=row,
            **place,
        )
    return problem(
        "QUOTE_NOT_DOUBLED",
        'a cell begins with a double quote (") and goes on after the next one. Expected: a quote '
        f'inside a text written twice, as in {shape.delimiter}"""Bob"" Smith"{shape.delimiter}, or '
        "taken out",
        row=row,
        **place,
    )


def _read(text: str, shape: "DatasetShape", records: Records, place: dict) -> pl.DataFrame:
    """The heading row and what follows, by Polars."""
    start = 0
    for _ in range(records.lines_above):
        start = text.index("\n", start) + 1
    text = text[start:]
    if '"' in text:
        text = _quoted_plainly(text, shape.delimiter)
    try:
        return pl.read_csv(
            BytesIO(text.encode("utf-8")),
            has_header=False,
            infer_schema=False,
            separator=shape.delimiter,
            schema={f"c{i}": pl.String for i in range(records.columns)},
        )
    except pl.exceptions.PolarsError:
        raise _unreadable(shape, place) from None


def _quoted_plainly(text: str, delimiter: str) -> str:
    """The same cells, each quoted where it must be: Polars misreads a quote inside a plain cell."""
    plain = StringIO(newline="")
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    csv.writer(plain, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return plain.getvalue()


def _unreadable(shape: "DatasetShape", place: dict) -> DeliveryProblem:
    return problem(
        "TEXT_UNREADABLE",
        f"the file cannot be read as text separated by {shape.delimiter!r}; expected plain "
        "text with a heading row, such as a CSV export",
        **place,
    )
