"""Rules on a table or a column as a whole: one observation, no failing rows.

Belongs here: row counts, sets of words, means. Does not belong here: rules that count rows
(`value_rules.py`, `row_rules.py`).
"""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from tf_pipeline.quality.expectation import Answer
from tf_pipeline.quality.limits import lies_between
from tf_pipeline.quality.rule_columns import Columns, NotUnderstood, alike, one_column


def _held(is_held: bool | None, **found: Any) -> Answer | None:
    return Answer(passed=True, **found) if is_held else None


def _row_count(rows: Columns, kwargs: Mapping[str, Any]) -> Answer | None:
    observed = rows.table.height
    return _held(lies_between(observed, kwargs), observed=observed)


def _exists(rows: Columns, kwargs: Mapping[str, Any]) -> Answer | None:
    return _held(kwargs.get("column") in rows.table.columns)


def _words(rows: Columns, kwargs: Mapping[str, Any]) -> tuple[set[Any], set[Any]]:
    """The words that are there and those that are expected."""
    name, series = one_column(rows, kwargs)
    if not rows.present(name).len():
        raise NotUnderstood
    return set(rows.distinct(name).to_list()), alike(kwargs.get("value_set"), series)


def _contains(rows: Columns, kwargs: Mapping[str, Any]) -> Answer | None:
    there, expected = _words(rows, kwargs)
    return _held(there >= expected)


def _equals(rows: Columns, kwargs: Mapping[str, Any]) -> Answer | None:
    there, expected = _words(rows, kwargs)
    return _held(there == expected, failed=0)


def _within(rows: Columns, kwargs: Mapping[str, Any]) -> Answer | None:
    there, expected = _words(rows, kwargs)
    return _held(there <= expected, failed=0)


def _most_common(rows: Columns, kwargs: Mapping[str, Any]) -> Answer | None:
    name, series = one_column(rows, kwargs)
    expected = alike(kwargs.get("value_set"), series)
    most = set(rows.present(name).mode().to_list())
    return _held(bool(most & expected) and (bool(kwargs.get("ties_okay")) or len(most) == 1))


def _statistic(of: Callable[[pl.Series], Any]) -> Callable:
    """A rule on a number of the whole column; the number stays here, since it may be a value."""

    def check(rows: Columns, kwargs: Mapping[str, Any]) -> Answer | None:
        name, series = one_column(rows, kwargs)
        present = rows.present(name)
        if not series.dtype.is_numeric() or not present.len():
            raise NotUnderstood
        return _held(lies_between(of(present), kwargs))

    return check


_BETWEEN = {"min_value", "max_value"}
# type → the arguments understood, and what is observed of the whole table
COLUMN_RULES: dict[str, tuple[set[str], Callable]] = {
    "expect_table_row_count_to_be_between": (_BETWEEN, _row_count),
    "expect_column_to_exist": ({"column"}, _exists),
    "expect_column_distinct_values_to_contain_set": ({"column", "value_set"}, _contains),
    "expect_column_distinct_values_to_equal_set": ({"column", "value_set"}, _equals),
    "expect_column_distinct_values_to_be_in_set": ({"column", "value_set"}, _within),
    "expect_column_most_common_value_to_be_in_set": (
        {"column", "value_set", "ties_okay"},
        _most_common,
    ),
    "expect_column_mean_to_be_between": ({"column"} | _BETWEEN, _statistic(pl.Series.mean)),
    "expect_column_max_to_be_between": ({"column"} | _BETWEEN, _statistic(pl.Series.max)),
}
