"""Rules on the values of one column, counted by rows.

Belongs here: rules on single values. Does not belong here: rules on several columns of a row
(`row_rules.py`) or on a column as a whole (`column_rules.py`).
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import polars as pl

from tf_pipeline.quality.rule_columns import (
    Columns,
    Counted,
    NotUnderstood,
    alike,
    no_row,
    one_column,
)


def _not_null(rows: Columns, kwargs: Mapping[str, Any]) -> Counted:
    _, series = one_column(rows, kwargs)
    return Counted(series.len(), series.null_count(), series.is_null)


def _null(rows: Columns, kwargs: Mapping[str, Any]) -> Counted:
    _, series = one_column(rows, kwargs)
    return Counted(series.len(), series.len() - series.null_count(), series.is_not_null)


def _by_word(is_wrong: Callable[[Any, Mapping[str, Any], pl.Series], list[Any]]) -> Callable:
    """A rule on single values: each distinct value is looked at once."""

    def count(rows: Columns, kwargs: Mapping[str, Any]) -> Counted:
        name, series = one_column(rows, kwargs)
        present = rows.present(name)
        if not present.len():
            return Counted(0, 0, no_row(series))
        wrong = is_wrong(rows.distinct(name), kwargs, series)
        if not wrong:
            return Counted(present.len(), 0, no_row(series))
        failing = series.is_in(wrong).fill_null(False)
        return Counted(present.len(), int(failing.sum()), lambda: failing)

    return count


def _outside_set(distinct: pl.Series, kwargs: Mapping[str, Any], series: pl.Series) -> list[Any]:
    words = alike(kwargs.get("value_set"), series)
    return [value for value in distinct.to_list() if value not in words]


def _inside_set(distinct: pl.Series, kwargs: Mapping[str, Any], series: pl.Series) -> list[Any]:
    words = alike(kwargs.get("value_set"), series)
    return [value for value in distinct.to_list() if value in words]


def _matching(kwargs: Mapping[str, Any], series: pl.Series) -> re.Pattern[str]:
    # Great Expectations' own matching has Python's meaning of a pattern
    if series.dtype != pl.String or not isinstance(kwargs.get("regex"), str):
        raise NotUnderstood
    try:
        return re.compile(kwargs["regex"])
    except re.error:
        raise NotUnderstood from None


def _unlike(distinct: pl.Series, kwargs: Mapping[str, Any], series: pl.Series) -> list[Any]:
    search = _matching(kwargs, series).search
    return [value for value in distinct.to_list() if not search(value)]


def _like(distinct: pl.Series, kwargs: Mapping[str, Any], series: pl.Series) -> list[Any]:
    search = _matching(kwargs, series).search
    return [value for value in distinct.to_list() if search(value)]


def _between(rows: Columns, kwargs: Mapping[str, Any]) -> Counted:
    name, series = one_column(rows, kwargs)
    low, high = (_bound(kwargs.get(bound), series) for bound in ("min_value", "max_value"))
    given = [bound for bound in (low, high) if bound is not None]
    if not given or given != sorted(given):
        raise NotUnderstood
    present = rows.present(name)
    outside = _beyond(present, low, high)
    return Counted(
        present.len(),
        int(outside.sum()) if present.len() else 0,
        lambda: _beyond(series, low, high).fill_null(False),
    )


def _beyond(series: pl.Series, low: Any, high: Any) -> pl.Series:
    outside = pl.zeros(series.len(), pl.Boolean, eager=True)
    if low is not None:
        outside = outside | (series < low)
    if high is not None:
        outside = outside | (series > high)
    return outside


def _bound(value: Any, series: pl.Series) -> Any:
    """A bound of the column's own kind: a number, or a day written as a date is."""
    if value is None:
        return None
    if series.dtype.is_numeric() and isinstance(value, int | float) and type(value) is not bool:
        return value
    if series.dtype == pl.Date and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise NotUnderstood from None
    raise NotUnderstood


def _unique(rows: Columns, kwargs: Mapping[str, Any]) -> Counted:
    name, series = one_column(rows, kwargs)
    present = rows.present(name)
    if rows.distinct(name).len() == present.len():
        return Counted(present.len(), 0, no_row(series))
    failing = series.is_duplicated() & series.is_not_null()
    return Counted(present.len(), int(failing.sum()), lambda: failing)


# type → the arguments understood, and how its rows are counted
VALUE_RULES: dict[str, tuple[set[str], Callable[[Columns, Mapping[str, Any]], Counted]]] = {
    "expect_column_values_to_not_be_null": ({"column"}, _not_null),
    "expect_column_values_to_be_null": ({"column"}, _null),
    "expect_column_values_to_be_in_set": ({"column", "value_set"}, _by_word(_outside_set)),
    "expect_column_values_to_not_be_in_set": ({"column", "value_set"}, _by_word(_inside_set)),
    "expect_column_values_to_match_regex": ({"column", "regex"}, _by_word(_unlike)),
    "expect_column_values_to_not_match_regex": ({"column", "regex"}, _by_word(_like)),
    "expect_column_values_to_be_between": ({"column", "min_value", "max_value"}, _between),
    "expect_column_values_to_be_unique": ({"column"}, _unique),
}
