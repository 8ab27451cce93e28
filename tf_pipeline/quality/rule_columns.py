"""A table's columns, as rules in set operations ask for them.

Belongs here: what several rules share: columns, plain values, "not understood".
Does not belong here: a rule (`value_rules.py`, `row_rules.py`, `column_rules.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Counted:
    """Rows that a rule looked at, how many of them fail it, and how to find those."""

    checked: int
    failed: int
    failing: Callable[[], pl.Series]


class NotUnderstood(Exception):
    """This rule, or what it is asked of, is for Great Expectations."""


class Columns:
    """The columns of a table as Great Expectations sees them, with what several rules ask."""

    def __init__(self, table: pl.DataFrame) -> None:
        self.table = table
        self._columns: dict[str, pl.Series] = {}
        self._present: dict[str, pl.Series] = {}
        self._distinct: dict[str, pl.Series] = {}

    def __getitem__(self, name: str) -> pl.Series:
        """A column; its values are text, numbers, dates or yes and no, and NaN is none."""
        if name not in self._columns:
            series = self.table[name]
            if series.dtype.is_decimal():
                series = series.cast(pl.Float64)
            if series.dtype.is_float():
                series = series.fill_nan(None)
            if series.dtype in (pl.Categorical, pl.Enum):
                series = series.cast(pl.String)
            if not (series.dtype in (pl.String, pl.Boolean, pl.Date) or series.dtype.is_numeric()):
                raise NotUnderstood
            self._columns[name] = series
        return self._columns[name]

    def present(self, name: str) -> pl.Series:
        """A column's values that are there."""
        if name not in self._present:
            self._present[name] = self[name].drop_nulls()
        return self._present[name]

    def distinct(self, name: str) -> pl.Series:
        """A column's values that are there, each once."""
        if name not in self._distinct:
            self._distinct[name] = self.present(name).unique()
        return self._distinct[name]


def one_column(rows: Columns, kwargs: Mapping[str, Any]) -> tuple[str, pl.Series]:
    """The name and the values of the column that a rule is about."""
    name = kwargs.get("column")
    if not isinstance(name, str):
        raise NotUnderstood
    return name, rows[name]


def alike(words: Any, series: pl.Series) -> set[Any]:
    """A set of plain values of the column's own kind; NotUnderstood for anything else."""
    if not isinstance(words, list | tuple | set | frozenset) or not words:
        raise NotUnderstood
    kinds = {type(word) for word in words}
    of = {str: series.dtype == pl.String, bool: series.dtype == pl.Boolean}
    of[int] = series.dtype.is_numeric()
    if len(kinds) != 1 or not of.get(kinds.pop(), False):
        raise NotUnderstood
    return set(words)


def no_row(series: pl.Series) -> Callable[[], pl.Series]:
    """For a rule that no row fails."""
    return lambda: pl.zeros(series.len(), pl.Boolean, eager=True)
