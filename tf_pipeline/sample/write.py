"""Writes lines of text as an authority's files: encodings, title rows, totals, real Excel dates."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from tf_pipeline.authorities.spec import DatasetShape, TotalsRow
from tf_pipeline.naming import words_key
from tf_pipeline.sample.texts import EXCEL_EPOCH

NOTICE = "SYNTHETIC DATA"
# fixed time in every file, so that the same seed gives the same bytes
MADE_ON = datetime(2016, 1, 1)
NUMBER = r"^-?(0|[1-9]\d{0,14})(\.\d+)?$"
ISO_DAY = r"^\d{4}-\d{2}-\d{2}$"
BLANK_ROW_EVERY = 41
Cell = str | float | None


def titles(shape: DatasetShape, name: str, month: str) -> list[str]:
    """The texts of the rows above the heading row."""
    lines = [NOTICE, f"{name}, {month}", "about nobody; made by python -m tf_pipeline.sample"]
    return [lines[i % len(lines)] for i in range(shape.header_row - 1)]


def write_text(
    path: Path, lines: pl.DataFrame, kinds: dict[str, str], shape: DatasetShape, above: list[str]
) -> None:
    """Writes delimited text in the authority's encoding; blanks stay unquoted."""
    if shape.totals_row:
        lines = pl.concat([lines, _totals(lines, kinds, shape.totals_row)])
    lines = lines.with_columns(pl.all().replace("", None))
    head = [[title, *[None] * (lines.width - 1)] for title in above] + [lines.columns]
    heading_rows = pl.DataFrame(head, schema=[f"c{i}" for i in range(lines.width)], orient="row")
    is_windows = shape.encoding.lower().startswith("cp")
    buffer = BytesIO()
    for frame in (heading_rows, lines):
        frame.write_csv(
            buffer,
            include_header=False,
            separator=shape.delimiter,
            line_terminator="\r\n" if is_windows else "\n",
        )
    raw = buffer.getvalue()
    if shape.encoding.lower().replace("-", "") != "utf8":
        raw = raw.decode("utf-8").encode(shape.encoding, errors="replace")
    elif "excel_serial" in shape.date_formats:
        # the byte order mark that a spreadsheet writes when it saves text
        raw = b"\xef\xbb\xbf" + raw
    path.write_bytes(raw)


def _totals(lines: pl.DataFrame, kinds: dict[str, str], totals: TotalsRow) -> pl.DataFrame:
    """One row of sums: the marking text, then the number of rows, then sums of number columns."""
    names = lines.columns
    marked = names[(totals.column or 1) - 1]
    if totals.heading:
        marked = next(n for n in names if words_key(n) == words_key(totals.heading))
    counted = next((n for n in names if n != marked), None)
    row: dict[str, str | None] = dict.fromkeys(names)
    for name in names:
        if kinds[name] == "number":
            total = lines[name].cast(pl.Float64, strict=False).sum()
            row[name] = f"{total:.1f}".removesuffix(".0")
    if counted:
        row[counted] = str(lines.height)
    row[marked] = totals.equals
    return pl.DataFrame(row, schema=dict.fromkeys(names, pl.String))


def write_workbook(
    path: Path,
    sheets: Mapping[str, tuple[pl.DataFrame, dict[str, str], DatasetShape]],
    above: Mapping[str, list[str]],
    codes: Mapping[str, list[tuple[str, ...]]],
) -> None:
    """Writes a workbook with real dates and numbers; `codes` are sheets that explain the words."""
    from xlsxwriter import Workbook

    book = Workbook(str(path), {"constant_memory": True, "strings_to_urls": False})
    book.set_properties({"title": NOTICE, "comments": "about nobody", "created": MADE_ON})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for name, (lines, kinds, shape) in sheets.items():
        rows: list[Sequence[Cell]] = [[title] for title in above[name]]
        rows.append(lines.columns)
        columns = [_cells(lines[c], kinds[c]) for c in lines.columns]
        body = list(zip(*columns, strict=True))
        formats = [day if _is_day(lines[c], kinds[c]) else None for c in lines.columns]
        if shape.totals_row:
            body += _totals(lines, kinds, shape.totals_row).rows()
        sheet = book.add_worksheet(name)
        _write_rows(sheet, chain(rows, _with_blank_rows(body)), formats)
    for name, explained in codes.items():
        _write_rows(book.add_worksheet(name), [(NOTICE,), *explained], [])
    book.close()


def _is_day(column: pl.Series, kind: str) -> bool:
    return kind == "date" or (kind == "month" and bool(column.str.contains(ISO_DAY).any()))


def _cells(column: pl.Series, kind: str) -> list[Cell]:
    """Texts, or numbers if the sheet has real numbers or dates."""
    numbers = None
    if kind in ("number", "word", "month"):
        is_number = column.str.contains(NUMBER)
        numbers = column.zip_with(is_number.fill_null(False), _none_like(column))
        numbers = numbers.cast(pl.Float64)
    if kind in ("date", "month"):
        days = column.zip_with(column.str.contains(ISO_DAY).fill_null(False), _none_like(column))
        serials = (days.str.to_date("%Y-%m-%d").to_physical() + EXCEL_EPOCH).cast(pl.Float64)
        numbers = serials if numbers is None else numbers.zip_with(numbers.is_not_null(), serials)
    texts = column.replace("", None).to_list()
    if numbers is None:
        return texts
    return [t if n is None else n for n, t in zip(numbers.to_list(), texts, strict=True)]


def _none_like(column: pl.Series) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, column.len())


def _with_blank_rows(rows: list[tuple[Cell, ...]]) -> Any:
    for position, row in enumerate(rows, start=1):
        yield row
        if position % BLANK_ROW_EVERY == 0 and position < len(rows):
            yield ()


def _write_rows(sheet: Any, rows: Any, formats: list[Any]) -> None:
    # cell by cell; write_string and write_number are quicker than guessing each cell's type
    text, figure = sheet.write_string, sheet.write_number
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell is None:
                continue
            if isinstance(cell, str):
                text(row, column, cell)
            else:
                figure(row, column, cell, formats[column])
