"""Seeds as an editor shows them: every cell as text, every row with its first line number.

Belongs here: what is wrong with one file, cell by cell, independent of its subject.
Does not belong here: what a seed of its own asks (`suite_rules.py`), which words a cell may have
(`known_words.py`), or whether rows agree (`seed_checks.py`).
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from tf_pipeline.vocabulary import ROLE
from tf_pipeline.yaml_files import read_yaml

LINE = "_line"
# columns of every seed that has them
NEVER_EMPTY = ("valid_from", "authority")
ROLES = ("reviewed_by", "agreed_by")
# type → its rule, the form of its cells, and what is accepted
FORMS = {
    "date": ("DATE_UNREADABLE", r"^\d{4}-\d{2}-\d{2}$", "a date such as 2016-04-30"),
    "boolean": ("NEITHER_TRUE_NOR_FALSE", "^(true|false)$", "true or false"),
    "integer": ("NUMBER_UNREADABLE", r"^-?\d+$", "a whole number such as 3"),
    **dict.fromkeys(
        ("decimal", "double"), ("NUMBER_UNREADABLE", r"^-?\d+(\.\d+)?$", "a number such as 2.5")
    ),
}


@dataclass(frozen=True, order=True)
class RuleFinding:
    """One error in a seed; `line` is the number an editor shows."""

    file: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class Declared:
    """A seed's entry in `_seeds.yml`: column → type, and the columns that identify a row."""

    columns: Mapping[str, str]
    grain: tuple[str, ...]


def declared(path: Path) -> dict[str, Declared]:
    """Seed → its entry in `_seeds.yml`."""
    seeds = read_yaml(path.read_text("utf-8"))["seeds"]
    return {
        seed["name"]: Declared(
            seed["config"]["column_types"],
            tuple(part.strip() for part in seed["config"]["meta"]["grain"].split(",")),
        )
        for seed in seeds
    }


def read_seed(path: Path) -> tuple[pl.DataFrame, list[RuleFinding]]:
    """A seed's cells as text, blanks as null, and the line of each row in `_line`.

    If the second part is not empty, the file cannot be read, and the first part has no meaning.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = "a character is not UTF-8; accepted: the file saved as 'CSV UTF-8'"
        return pl.DataFrame(), [RuleFinding(path.name, line, "NOT_UTF8", message)]
    # Polars gives no line numbers, and a quoted cell may contain a line break
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, begins = [], 1
    try:
        for row in reader:
            rows.append((begins, row))
            begins = reader.line_num + 1
    except csv.Error as error:
        message = f"not CSV ({error}); accepted: a comma or a quote only inside double quotes"
        return pl.DataFrame(), [RuleFinding(path.name, begins, "NOT_CSV", message)]
    header = rows[0][1] if rows else []
    findings = [RuleFinding(path.name, *wrong) for wrong in _misshapen(header, rows)]
    if findings:
        return pl.DataFrame(), findings
    cells = pl.DataFrame(
        [row for _, row in rows[1:]], schema=dict.fromkeys(header, pl.String), orient="row"
    )
    return cells.with_columns(
        pl.all().replace({"": None}), pl.Series(LINE, [line for line, _ in rows[1:]], pl.Int64)
    ), []


def _misshapen(header: list[str], rows: list) -> Iterator[tuple[int, str, str]]:
    if not header:
        yield 1, "NOT_CSV", "there is no heading row; accepted: the names of the columns"
    if twice := [name for name in header if header.count(name) > 1]:
        yield 1, "COLUMNS_DIFFER", f"'{twice[0]}' stands twice; accepted: each column once"
    for line, row in rows[1:]:
        if not any(row):
            yield line, "ROW_EMPTY", "the row is empty; accepted: no such line"
        elif len(row) != len(header):
            message = f"{len(row)} cells under {len(header)} headings; accepted: {len(header)}, "
            yield line, "ROW_RAGGED", message + "a cell that holds a comma in double quotes"


def wrong_columns(file: str, header: Iterable[str], entry: Declared) -> list[RuleFinding]:
    """COLUMNS_DIFFER if the columns of a seed are not those that `_seeds.yml` declares."""
    missing = [name for name in entry.columns if name not in header]
    strange = [name for name in header if name not in (*entry.columns, LINE)]
    parts = [f"without {', '.join(missing)}"] if missing else []
    parts += [f"unknown: {', '.join(strange)}"] if strange else []
    message = f"{'; '.join(parts)}; accepted: {','.join(entry.columns)}"
    return [RuleFinding(file, 1, "COLUMNS_DIFFER", message)] if parts else []


def wrong_cells(file: str, rows: pl.DataFrame, entry: Declared | None) -> Iterator[RuleFinding]:
    """Cells that do not have their column's type, and what no dated or reviewed row may hold."""
    for column in rows.columns:
        kind = kind_of(column, entry)
        if kind not in FORMS:
            continue
        rule, form, accepted = FORMS[kind]
        reads = pl.col(column).str.contains(form)
        if kind == "date":
            reads &= day(column).is_not_null()
        bad = rows.filter(pl.col(column).is_not_null(), ~reads)
        for line, cell in bad.select(LINE, column).iter_rows():
            message = f"{column} '{cell}' cannot be read; accepted: {accepted}"
            yield RuleFinding(file, line, rule, message)
    for column in [name for name in NEVER_EMPTY if name in rows.columns]:
        yield from empty_cells(file, rows, column)
    for column in [name for name in ROLES if name in rows.columns]:
        yield from wrong_roles(file, rows, column)
    if "valid_to" in rows.columns:
        reversed_ = rows.filter(day("valid_to") < day("valid_from"))
        for line, first, last in reversed_.select(LINE, "valid_from", "valid_to").iter_rows():
            message = f"valid_to {last} lies before valid_from {first}; accepted: {first} or later"
            yield RuleFinding(file, line, "DATES_REVERSED", f"{message}, or empty")


def kind_of(column: str, entry: Declared | None) -> str:
    """A column's type in `_seeds.yml` without its size, such as decimal; varchar where none is."""
    return (entry.columns if entry else {}).get(column, "varchar").split("(")[0]


def wrong_roles(file: str, rows: pl.DataFrame, column: str) -> Iterator[RuleFinding]:
    """ROLE_UNREADABLE for each filled cell that is no role: never a person's name."""
    is_role = pl.col(column).str.contains(f"^(?:{ROLE.pattern})$")
    for line, cell in rows.filter(~is_role).select(LINE, column).iter_rows():
        message = f"{column} '{cell}' is no role; accepted: such as role:gm-analyst"
        yield RuleFinding(file, line, "ROLE_UNREADABLE", message)


def empty_cells(file: str, rows: pl.DataFrame, column: str) -> Iterator[RuleFinding]:
    """CELL_EMPTY for each row with an empty cell in a column that must be filled."""
    filled = rows[column].drop_nulls().head(1).to_list()
    example = filled[0] if filled else "any"
    for line in rows.filter(pl.col(column).is_null())[LINE]:
        message = f"{column} is empty; accepted: a value such as {example}"
        yield RuleFinding(file, line, "CELL_EMPTY", message)


def day(column: str) -> pl.Expr:
    """A text column as dates; null if a cell cannot be read."""
    return pl.col(column).str.to_date("%Y-%m-%d", strict=False)


def number(column: str) -> pl.Expr:
    """A text column as numbers; null if a cell cannot be read."""
    return pl.col(column).cast(pl.Float64, strict=False)


def when_empty(column: str, value: object, read: pl.Expr) -> pl.Expr:
    """`read`, with `value` for an empty cell; a filled cell that cannot be read stays null."""
    return pl.when(pl.col(column).is_null()).then(pl.lit(value)).otherwise(read)


def last_day() -> pl.Expr:
    """The last day on which a dated row is in force."""
    return when_empty("valid_to", date.max, day("valid_to"))
