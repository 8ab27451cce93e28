"""The shared file: aggregated tables only, with small counts suppressed, safe to share.

Belongs here: making a month of schema gm_shared from schema gm, by the rows of `ref_shared.csv`.
Does not belong here: which cells to suppress (`suppression.py`), validating the file (the gate).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import polars as pl

from tf_pipeline.releases.suppression import Cells, recoverable, suppress
from tf_pipeline.rules.crosswalks import in_force, seed

SHARED = "gm_shared"
# differs from the schema's name: otherwise DuckDB cannot tell file and schema apart
FILE_NAME = "gm_shared_baseline.duckdb"
WHOLE_ROW, ALL_ROW = "gm", "all"
SUPPRESSED = "suppressed"
TOPIC, DEFAULT_THRESHOLD = "small_count_threshold", 5
WHOLE_NUMBERS = ("INTEGER", "BIGINT", "HUGEINT")
FRACTIONS = ("DOUBLE", "DECIMAL", "FLOAT")
ABOUT = {
    "suppression": "What was suppressed in each table of a month. Grain: month, table_name",
    "suppression.month": "Month of the baseline, YYYY-MM.",
    "suppression.table_name": "Table of this schema.",
    "suppression.threshold": "Counts from 1 to below this number are suppressed.",
    "suppression.counts": "Counts in the table.",
    "suppression.suppressed": "Suppressed counts: small ones, and others that would reveal them.",
    "suppression.can_be_worked_out": "Suppressed counts that readers can calculate; always 0.",
    "dictionary": "Every table and column of this schema, described. Grain: both names",
    "dictionary.table_name": "Table of this schema.",
    "dictionary.column_name": "Column; empty in the row of the table itself.",
    "dictionary.description": "What it means.",
}  # fmt: skip


def threshold(month: str) -> int:
    """Counts below this are small; GM's declaration in force at the end of the month sets it."""
    rows = in_force(seed("declarations/authority_declarations.csv"), month)
    found = rows.filter(authority=WHOLE_ROW, topic=TOPIC, subject=SHARED)["value"].to_list()
    return int(found[0]) if found else DEFAULT_THRESHOLD


def shared_tables() -> list[str]:
    """Tables that are shared in whole or in part, in the order of the seed."""
    return list(dict.fromkeys(rule["table_name"] for rule in _rules()))


def counts_of(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Count columns of a shared table; none if the seed does not list the table."""
    if table not in shared_tables():
        return []
    found = connection.execute(f"select * from gm.{table} limit 0")
    return _table(table, {column[0]: str(column[1]) for column in found.description}, []).counts


def build_shared(connection: duckdb.DuckDBPyConnection, months: list[str], catalog: str) -> None:
    """Makes months of schema gm_shared in an attached file, from schema gm of the open file."""
    connection.execute(f"create schema if not exists {catalog}.{SHARED}")
    connection.execute(
        f"create table if not exists {catalog}.{SHARED}.suppression (month varchar, "
        "table_name varchar, threshold integer, counts integer, suppressed integer, "
        "can_be_worked_out integer)"
    )
    for month in months:
        for table, frame in suppressed_month(connection, month).items():
            _write(connection, f"{catalog}.{SHARED}", table, month, frame)
    _describe(connection, catalog)


def suppressed_month(connection: duckdb.DuckDBPyConnection, month: str) -> dict[str, pl.DataFrame]:
    """The shared tables of one month, and `suppression`, which lists what is not shared."""
    found = _Month.read(connection, month)
    cells = found.cells(threshold(month))
    chosen = suppress(cells)
    weak = recoverable(cells, chosen)
    frames, suppressed = {}, []
    for name, table in found.tables.items():
        numbers = {cell: place for place, cell in found.numbers.items() if place[0] == name}
        for cell, (_, row, column) in numbers.items():
            if cell in chosen:
                table.blank(row, column)
        suppressed.append(
            (month, name, cells.threshold, len(numbers), len(numbers.keys() & chosen),
             len(numbers.keys() & weak))
        )  # fmt: skip
    found.follow()
    for name, table in found.tables.items():
        frames[name] = table.frame()
    columns = ["month", "table_name", "threshold", "counts", "suppressed", "can_be_worked_out"]
    return {**frames, "suppression": pl.DataFrame(suppressed, schema=columns, orient="row")}


@dataclass
class _Table:
    """Rows of a table, its count columns, and the figures blanked in each row."""

    types: dict[str, str]
    grain: list[str]
    rows: list[dict[str, Any]]
    counts: list[str]
    blanked: dict[int, list[str]] = field(default_factory=dict)

    def blank(self, row: int, column: str) -> None:
        """Removes a figure and notes that in its row."""
        if self.rows[row][column] is not None:
            self.rows[row][column] = None
            self.blanked.setdefault(row, []).append(column)

    def frame(self) -> pl.DataFrame:
        """The rows with one more column that names the suppressed figures of each row."""
        notes = [" ".join(sorted(self.blanked.get(i, []))) or None for i in range(len(self.rows))]
        frame = pl.DataFrame(self.rows, schema=list(self.types), infer_schema_length=None)
        return frame.with_columns(pl.Series(SUPPRESSED, notes, pl.String))


@dataclass
class _Month:
    tables: dict[str, _Table]
    numbers: dict[tuple[str, int, str], int] = field(default_factory=dict)

    @classmethod
    def read(cls, connection: duckdb.DuckDBPyConnection, month: str) -> "_Month":
        tables = {}
        for name in shared_tables():
            # fixed order: it decides which of two equal counts is suppressed; with a random choice
            # two releases of a month together could show both
            found = connection.execute(
                f"select * from gm.{name} where month = ? order by all", [month]
            )
            types = {column[0]: str(column[1]) for column in found.description}
            rows = [dict(zip(types, row, strict=True)) for row in found.fetchall()]
            tables[name] = _table(name, types, rows)
        return cls(tables)

    def cells(self, small_below: int) -> Cells:
        """Makes a cell of every count, and lines from every row of the seed."""
        cells = Cells(small_below)
        for name, table in self.tables.items():
            for row, values in enumerate(table.rows):
                for column in table.counts:
                    if values[column] is not None:
                        self.numbers[name, row, column] = cells.add(int(values[column]))
        for rule in _rules("adds_up"):
            for parts, total in self._lines(rule):
                known = [(self.numbers[p], sign) for p, sign in parts if p in self.numbers]
                if total in self.numbers and known:
                    cells.add_line(known, self.numbers[total])
        return cells

    def _lines(self, rule: Mapping[str, Any]) -> Iterator[tuple[list, tuple[str, int, str]]]:
        """Parts and total, as places (table, row, column), for every total the rule finds."""
        name, over, into = rule["table_name"], rule["over"], rule["total_table"]
        table, totals = self.tables[name], self.tables[into]
        signs = {c.removeprefix("-"): -1 if c[0] == "-" else 1 for c in rule["columns"].split()}
        same = [c for c in table.grain if c in totals.grain and c != over]
        by_key: dict[tuple, list[int]] = {}
        for i, row in enumerate(table.rows):
            if not _is_total(row, over) and _holds(rule["only_where"], row):
                by_key.setdefault(tuple(row[c] for c in same), []).append(i)
        for j, row in enumerate(totals.rows):
            if over in totals.grain and not _is_total(row, over):
                continue
            members = by_key.get(tuple(row[c] for c in same), [])
            if rule["named_in"]:
                named = (row[rule["named_in"]] or "").split()
                members = [i for i in members if table.rows[i][over] in named]
            groups = [members] if over else [[i] for i in members]
            for group in groups:
                parts = [((name, i, c), sign) for i in group for c, sign in signs.items()]
                yield parts, (into, j, rule["total_column"])

    def follow(self) -> None:
        """Blanks figures made from suppressed counts; a figure needs all its counts shown."""
        for name, table in self.tables.items():
            rules = [r for r in _rules("follows") if r["table_name"] == name]
            for column, kind in table.types.items():
                if kind.startswith(FRACTIONS) and column not in {r["total_column"] for r in rules}:
                    for row in table.blanked:
                        table.blank(row, column)
            for rule in rules:
                for row in self._made_of_blanks(rule):
                    table.blank(row, rule["total_column"])

    def _made_of_blanks(self, rule: Mapping[str, Any]) -> list[int]:
        columns = set(rule["columns"].split())
        table = self.tables[rule["table_name"]]
        if not rule["total_table"]:
            return [i for i, blanked in table.blanked.items() if columns & set(blanked)]
        source = self.tables[rule["total_table"]]
        same = [c for c in table.grain if c in source.grain and c != rule["over"]]
        blank = {
            tuple(source.rows[i][c] for c in same)
            for i, blanked in source.blanked.items()
            if columns & set(blanked)
        }
        return [i for i, row in enumerate(table.rows) if tuple(row[c] for c in same) in blank]


def _rules(rule: str | None = None) -> list[dict[str, Any]]:
    rows = list(seed("reference/ref_shared.csv").iter_rows(named=True))
    return [row for row in rows if rule is None or row["rule"] == rule]


def _table(name: str, types: dict[str, str], rows: list[dict[str, Any]]) -> _Table:
    """Rows and columns that may be shared, with the total rows that the seed asks for.

    A whole-number column is a count unless the seed says otherwise.
    """
    own = [rule for rule in _rules() if rule["table_name"] == name]
    followed = {rule["total_column"] for rule in own if rule["rule"] == "follows"}
    no_count = _columns(own, "no_count") | _columns(own, "grain") | followed
    withheld = _columns(own, "withheld") - {"*"}
    for rule in own:
        if rule["rule"] == "withheld" and rule["only_where"]:
            rows = [row for row in rows if not _holds(rule["only_where"], row)]
        if rule["rule"] == "total_row":
            rows = [*rows, *_totals(rows, rule, types)]
    types = {column: kind for column, kind in types.items() if column not in withheld}
    rows = [{column: row[column] for column in types} for row in rows]
    counts = [c for c, kind in types.items() if kind in WHOLE_NUMBERS and c not in no_count]
    grain = next(rule["columns"].split() for rule in own if rule["rule"] == "grain")
    return _Table(types, grain, rows, counts)


def _columns(rules: list[dict[str, Any]], kind: str) -> set[str]:
    return {c for rule in rules if rule["rule"] == kind for c in rule["columns"].split()}


def _totals(
    rows: list[dict[str, Any]], rule: Mapping[str, Any], types: Mapping[str, str]
) -> list[dict[str, Any]]:
    columns = rule["columns"].split()
    same = [column for column in types if column not in columns and column != rule["over"]]
    found: dict[tuple, dict[str, Any]] = {}
    for row in rows:
        start = {**row, rule["over"]: ALL_ROW, **dict.fromkeys(columns, 0)}
        total = found.setdefault(tuple(row[c] for c in same), start)
        for column in columns:
            total[column] += row[column]
    return list(found.values())


def _is_total(row: Mapping[str, Any], over: str | None) -> bool:
    if not over or over not in row:
        return False
    return row[over] == (WHOLE_ROW if over == "authority" else ALL_ROW)


def _holds(condition: str | None, row: Mapping[str, Any]) -> bool:
    if not condition:
        return True
    column, _, value = condition.partition("=")
    return str(row[column]).lower() == value


def _write(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, month: str, frame: pl.DataFrame
) -> None:
    connection.register("shared_rows", frame)
    if table != "suppression":
        columns = ", ".join(f'"{column}"' for column in frame.columns if column != SUPPRESSED)
        connection.execute(
            f"create table if not exists {schema}.{table} as "
            f"select {columns}, ''::varchar as {SUPPRESSED} from gm.{table} where false"
        )
    connection.execute(f"delete from {schema}.{table} where month = ?", [month])
    connection.execute(f"insert into {schema}.{table} by name select * from shared_rows")
    connection.unregister("shared_rows")


def _describe(connection: duckdb.DuckDBPyConnection, catalog: str) -> None:
    """Copies the comments of schema gm; the table `dictionary` holds all of them."""
    connection.execute(
        f"create or replace table {catalog}.{SHARED}.dictionary "
        "(table_name varchar, column_name varchar, description varchar)"
    )
    comments = (
        dict(
            connection.execute(
                "select table_name || '.' || column_name, comment from duckdb_columns() "
                "where schema_name = 'gm' and database_name = current_database() union all "
                "select table_name, comment from duckdb_tables() "
                "where schema_name = 'gm' and database_name = current_database()"
            ).fetchall()
        )
        | ABOUT
    )
    columns = connection.execute(
        "select table_name, column_name from duckdb_columns() where database_name = ? "
        "and schema_name = ? order by table_name, column_index",
        [catalog, SHARED],
    ).fetchall()
    note = "Suppressed figures of this row, separated by spaces; empty if there are none."
    described = [
        (table, "", comments.get(table) or "") for table in dict.fromkeys(t for t, _ in columns)
    ]
    described += [
        (table, column, comments.get(f"{table}.{column}") or (note if column == SUPPRESSED else ""))
        for table, column in columns
    ]
    connection.execute("".join(_comment(f"{catalog}.{SHARED}", *one) for one in described))
    rows = pl.DataFrame(described, ["table_name", "column_name", "description"], orient="row")
    connection.register("described_rows", rows)
    connection.execute(
        f"insert into {catalog}.{SHARED}.dictionary by name select * from described_rows"
    )
    connection.unregister("described_rows")


def _comment(schema: str, table: str, column: str, text: str) -> str:
    """The statement that describes a column, or the table itself if no column is named."""
    target = f'column {schema}.{table}."{column}"' if column else f"table {schema}.{table}"
    escaped = text.replace("'", "''")
    return f"comment on {target} is '{escaped}';"
