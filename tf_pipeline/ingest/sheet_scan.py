"""Goes through the XML of a sheet before its grid is made: its range, formulas and error cells.

Belongs here: what each cell shows, at constant memory; the `dimension` of a sheet may be wrong.
Does not belong here: their values (`excel_cells.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from tf_pipeline.ingest.bounds import OR_MORE, Bounds, too_large
from tf_pipeline.ingest.delivery_problem import problem
from tf_pipeline.ingest.zipped import Damaged

PIECE = 1 << 18
# the text of a cell whose formula was never worked out
NOT_WORKED_OUT = "(formula without a value)"


@dataclass
class SheetScan:
    """What a sheet holds; rows and columns from 1. `errors`: (row, column, text) of each."""

    first_row: int = 0
    last_row: int = 0
    first_column: int = 0
    last_column: int = 0
    filled_rows: int = 0
    filled_cells: int = 0
    formulas: int = 0
    formulas_without_value: int = 0
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    columns: set[int] = field(default_factory=set)
    lowest: str = ""
    rightmost: str = ""


class _Columns(dict):
    """The number of a column by its letters: A is 1, XFD 16384; 0 if they are no letters."""

    def __missing__(self, letters: str) -> int:
        number = 0
        for letter in letters.upper():
            number = number * 26 + ord(letter) - 64
        self[letters] = number = number if letters.isalpha() else 0
        return number


class _Handlers(dict):
    """What takes a tag, whatever its prefix; None for a tag that does not matter."""

    def __missing__(self, tag: str) -> Callable[[dict], None] | None:
        self[tag] = handler = self.get(tag.rsplit(":", 1)[-1])
        return handler


class _Reader:
    """Takes the events of a sheet's XML: a million cells in few seconds."""

    def __init__(self, most_cells: int) -> None:
        self.found = SheetScan()
        self.most_cells = most_cells
        self.columns = _Columns()
        self.row = self.column = self.last_filled = 0
        self.row_text = self.ref = ""
        self.in_cell = self.has_formula = self.is_error = False
        self.text: list[str] = []
        self.handlers = _Handlers(
            c=self.cell, v=self.value, f=self.formula, row=self.new_row, **{"is": self.value}
        )
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.StartDoctypeDeclHandler = self.refuse

    def refuse(self, *_: object) -> None:
        raise Damaged("a document type")

    def start(self, tag: str, told: dict[str, str]) -> None:
        handler = self.handlers[tag]
        if handler:
            handler(told)

    def cell(self, told: dict[str, str]) -> None:
        if self.has_formula:
            self.close()
        self.ref = ref = told.get("r", "")
        column = self.columns[ref.removesuffix(self.row_text)] if ref else self.column + 1
        if not column:
            letters = ref.rstrip("0123456789")
            column, self.row_text = self.columns[letters], ref[len(letters) :]
            self.row = int(self.row_text)
        self.column = column
        self.in_cell, self.is_error = True, told.get("t") == "e"

    def new_row(self, told: dict[str, str]) -> None:
        if self.has_formula:
            self.close()
        self.row, self.column = int(told.get("r") or self.row + 1), 0
        self.row_text, self.in_cell = str(self.row), False

    def formula(self, told: dict[str, str]) -> None:
        self.found.formulas += 1
        self.has_formula = True

    def value(self, told: dict[str, str]) -> None:
        """A cell is filled if it has a value; an error cell's text is kept."""
        if not self.in_cell:
            return
        found, row, column = self.found, self.row, self.column
        self.in_cell = self.has_formula = False
        found.filled_cells += 1
        if column not in found.columns:
            found.columns.add(column)
            found.first_column = min(found.first_column or column, column)
        if column > found.last_column:
            found.last_column, found.rightmost = column, self.ref or f"column {column}"
        if row != self.last_filled:
            found.filled_rows += 1
            self.last_filled = row
            found.first_row = min(found.first_row or row, row)
            if row > found.last_row:
                found.last_row, found.lowest = row, self.ref or f"row {row}"
            if found.filled_cells > self.most_cells:
                raise _TooMany
        if self.is_error:
            self.parser.CharacterDataHandler = self.text.append
            self.parser.EndElementHandler = self.end_error

    def end_error(self, tag: str) -> None:
        self.parser.CharacterDataHandler = self.parser.EndElementHandler = None
        self.found.errors.append((self.row, self.column, "".join(self.text)))
        self.text.clear()

    def close(self) -> None:
        """Ends a cell; a formula without a value in the file is an error, not a blank."""
        self.found.formulas_without_value += 1
        if self.found.formulas_without_value <= self.most_cells:
            self.found.errors.append((self.row, self.column, NOT_WORKED_OUT))
        self.in_cell = self.has_formula = False


class _TooMany(Exception):
    pass


def scan_sheet(part: IO[bytes], bounds: Bounds, **place) -> SheetScan:
    """What a sheet holds. Raises Damaged, or DeliveryProblem (rejected) if it is beyond bounds."""
    reader = _Reader(bounds.cells)
    try:
        while piece := part.read(PIECE):
            reader.parser.Parse(piece, False)
        reader.parser.Parse(b"", True)
        if reader.has_formula:
            reader.close()
    except (expat.ExpatError, ValueError) as error:
        raise Damaged from error
    except _TooMany:
        count = reader.found.filled_cells
        raise too_large("cells", count, bounds, OR_MORE, **place) from None
    found = reader.found
    _check_range(found, bounds, place)
    # formulas below and to the right of the table are no part of it
    found.errors = [
        (row, column, text)
        for row, column, text in found.errors
        if row <= found.last_row and found.first_column <= column <= found.last_column
    ]
    return found


def _check_range(found: SheetScan, bounds: Bounds, place: dict) -> None:
    stray = ""
    if found.last_row > 2 * found.filled_rows + bounds.blank_rows_between:
        stray = found.lowest
    if found.last_column > 2 * len(found.columns) + bounds.blank_columns_between:
        stray = found.rightmost
    if stray:
        raise problem("STRAY_CELL", cell=stray, row=found.last_row, **place)
    rows, columns = found.last_row, found.last_column
    for name, count in (("rows", rows), ("columns", columns), ("cells", rows * columns)):
        if count > getattr(bounds, name):
            raise too_large(name, count, bounds, **place)
