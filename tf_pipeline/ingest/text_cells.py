"""Reads a text file into text cells; lines and records are counted without the reader.

Belongs here: encodings, and the grid. Does not belong here: counting records and refusing those
that a reader would swallow (`text_records.py`), workbooks (`excel_cells.py`).
"""

import csv
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from tf_pipeline.ingest.bounds import Bounds, too_large
from tf_pipeline.ingest.cells import Grid
from tf_pipeline.ingest.delivery_problem import DeliveryProblem, problem
from tf_pipeline.ingest.text_records import Records, count_records
from tf_pipeline.naming import ROW

if TYPE_CHECKING:
    from tf_pipeline.authorities.spec import DatasetShape

UTF_8 = {"utf-8", "utf8", "utf-8-sig"}


def read_text(path: Path, shape: "DatasetShape", dataset: str, limits: Bounds) -> Grid:
    """The cells of a text file. Raises DeliveryProblem (rejected)."""
    place = {"file_name": path.name, "dataset": dataset}
    text = _decode(path, shape, place)
    lines = text.count("\n") + (not text.endswith("\n"))
    if lines > limits.rows:
        raise too_large("rows", lines, limits, **place)
    records = count_records(text, shape, limits, place)
    if records.count * records.columns > limits.cells:
        raise too_large("cells", records.count * records.columns, limits, **place)
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
        row = raw[: error.start].count(b"\n") + 1
        raise problem("WRONG_ENCODING", encoding=shape.encoding, row=row, **place) from None
    if "\x00" in text:
        raise problem("NOT_A_TEXT_FILE", separator=repr(shape.delimiter), **place)
    if not is_utf_8 and not raw.isascii():
        _refuse_utf_8(raw, shape, place)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refuse_utf_8(raw: bytes, shape: "DatasetShape", place: dict) -> None:
    """Raises DeliveryProblem if a file is UTF-8; its other letters would become two signs each."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return
    first = next(n for n, line in enumerate(raw.split(b"\n"), start=1) if not line.isascii())
    raise problem("ENCODING_IS_UTF_8", encoding=shape.encoding, row=first, **place)


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
    return problem("TEXT_UNREADABLE", separator=repr(shape.delimiter), **place)
