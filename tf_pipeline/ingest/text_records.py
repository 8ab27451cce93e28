"""Counts the records of a text file by Python's own reader, and refuses what is out of place.

Belongs here: rows of another length, a title above the headings, quotes that swallow rows.
Does not belong here: encodings and the grid (`text_cells.py`).
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from itertools import chain, islice
from typing import TYPE_CHECKING

from tf_pipeline.ingest.bounds import OR_MORE, Bounds, too_large
from tf_pipeline.ingest.delivery_problem import DeliveryProblem, problem

if TYPE_CHECKING:
    from tf_pipeline.authorities.spec import DatasetShape

# how many rows below the heading row tell a title from headings
LOOKED_AT = 5


@dataclass(frozen=True)
class Records:
    """What Python's own CSV reader counts: the rows above the headings, columns and records."""

    above: list[list[str]]
    columns: int
    count: int
    lines_above: int


def count_records(text: str, shape: "DatasetShape", limits: Bounds, place: dict) -> Records:
    """Counts records and columns.

    Raises DeliveryProblem for a row with fewer or more cells (a cut-off or shifted file), a title
    where the headings are expected, a quote out of place, and a cell that holds whole rows.
    """
    csv.field_size_limit(limits.cell_characters)
    reader = csv.reader(StringIO(text, newline=""), delimiter=shape.delimiter, strict=True)
    above: list[list[str]] = []
    columns = lines_above = before = count = 0
    is_first = True
    try:
        for record in reader:
            count += 1
            if not columns:
                if count < shape.header_row or not any(cell.strip() for cell in record):
                    above.append(record)
                    lines_above = before = reader.line_num
                    continue
                columns = len(record)
                if columns == 1:
                    _refuse_title(columns, count, reader, shape, place)
                    separator = repr(shape.delimiter)
                    raise problem("WRONG_SEPARATOR", separator=separator, row=count, **place)
                if columns > limits.columns:
                    raise too_large("columns", columns, limits, row=count, **place)
            elif record:
                if len(record) != columns:
                    if is_first:
                        _refuse_title(
                            columns, len(above) + 1, chain([record], reader), shape, place
                        )
                    raise _wrong_length(len(record), columns, count, shape, place)
                is_first = False
            if reader.line_num > before + 1:
                _refuse_swallowed(record, columns, reader.line_num - before, count, shape, place)
            before = reader.line_num
    except csv.Error as error:
        raise _bad_quote(str(error), count + 1, limits, place) from None
    if not columns:
        raise problem("HEADING_ROW_MISSING", row=shape.header_row, **place)
    return Records(above, columns, count, lines_above)


def _refuse_title(
    cells: int, row: int, below: Iterable[list[str]], shape: "DatasetShape", place: dict
) -> None:
    """Raises DeliveryProblem if the rows below have one length, at least twice as many cells."""
    try:
        lengths = [len(record) for record in islice(filter(None, below), LOOKED_AT)]
    except csv.Error:
        return
    longer = [length for length in lengths if length > cells]
    is_table = len(set(longer)) == 1 and (len(longer) > 1 or cells == 1)
    if is_table and longer[0] >= max(2 * cells, 3):
        raise problem(
            "TITLE_ABOVE_HEADINGS",
            cells=cells,
            below=longer[0],
            separator=repr(shape.delimiter),
            row=row,
            **place,
        )


def _wrong_length(
    found: int, expected: int, row: int, shape: "DatasetShape", place: dict
) -> DeliveryProblem:
    return problem(
        "ROW_OF_WRONG_LENGTH",
        cells=found,
        headings=expected,
        separator=repr(shape.delimiter),
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
            raise problem("ROWS_IN_ONE_CELL", lines=lines - 1, rows=breaks, row=row, **place)


def _bad_quote(message: str, row: int, limits: Bounds, place: dict) -> DeliveryProblem:
    if "field limit" in message:
        longest = limits.cell_characters + 1
        return too_large("cell_characters", longest, limits, OR_MORE, row=row, **place)
    if "unexpected end" in message:
        return problem("QUOTE_NOT_CLOSED", row=row, **place)
    return problem("QUOTE_NOT_DOUBLED", row=row, **place)
