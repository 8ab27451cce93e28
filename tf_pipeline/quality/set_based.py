"""Evaluates the rules of a suite with a few set operations each, without Great Expectations.

Belongs here: the rule types that Polars can count. Great Expectations is the reference: tests
compare every type here with it.
Does not belong here: a result that stops anything. A rule that is not understood here, or that
fails, gets no answer, and `gate.py` asks Great Expectations.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from tf_pipeline.quality.expectation import Answer, row_numbers
from tf_pipeline.quality.limits import holds, lies_between


@dataclass(frozen=True)
class Counted:
    """Rows that a rule checked, how many of them fail, and how to find the failing rows."""

    checked: int
    failed: int
    failing: Callable[[], pl.Series]


class NotUnderstood(Exception):
    """The rule or its column is not understood here; Great Expectations evaluates it."""


def answers(
    expectations: Sequence[Mapping[str, Any]], table: pl.DataFrame, values: Mapping[str, object]
) -> dict[str, Answer]:
    """Answers by expectation id, for the rules that are understood here and pass.

    `values` fill the suite's parameters. Every answer has `passed` True.
    """
    whole = Columns(table)
    under_condition: dict[str, Columns] = {}
    passed: dict[str, Answer] = {}
    for expectation in expectations:
        try:
            kwargs = _filled(expectation["kwargs"], values)
            rows = whole
            if condition := kwargs.pop("row_condition", None):
                key = json.dumps(condition, sort_keys=True)
                if key not in under_condition:
                    under_condition[key] = Columns(table.filter(_condition(condition, whole)))
                rows = under_condition[key]
            answer = _answer(expectation["type"], kwargs, rows)
        except Exception:
            # not understood, or an error in Polars: Great Expectations evaluates the rule
            continue
        if answer is not None:
            passed[expectation["id"]] = answer
    return passed


class Columns:
    """The columns of a table as Great Expectations reads them; several rules share a result."""

    def __init__(self, table: pl.DataFrame) -> None:
        self.table = table
        self._columns: dict[str, pl.Series] = {}
        self._present: dict[str, pl.Series] = {}
        self._distinct: dict[str, pl.Series] = {}

    def __getitem__(self, name: str) -> pl.Series:
        """A column of text, numbers, dates or booleans; NaN is read as blank."""
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
        """A column's values without blanks."""
        if name not in self._present:
            self._present[name] = self[name].drop_nulls()
        return self._present[name]

    def distinct(self, name: str) -> pl.Series:
        """A column's values without blanks, each once."""
        if name not in self._distinct:
            self._distinct[name] = self.present(name).unique()
        return self._distinct[name]


def _answer(kind: str, kwargs: Mapping[str, Any], rows: Columns) -> Answer | None:
    """The answer if a rule passes; None if it does not."""
    if kind in TABLE_RULES:
        arguments, check = TABLE_RULES[kind]
        _only(kwargs, arguments)
        return check(rows, kwargs)
    if kind not in ROW_RULES:
        raise NotUnderstood
    arguments, count = ROW_RULES[kind]
    _only(kwargs, {*arguments, "mostly"})
    mostly = {"mostly": kwargs["mostly"]} if kwargs.get("mostly") is not None else {}
    counted = count(rows, kwargs)
    # None if `mostly` is not a share: Great Expectations reports it
    if holds(kind, mostly, counted.checked, counted.failed, None) is not True:
        return None
    numbers = row_numbers(rows.table.filter(counted.failing())) if counted.failed else ()
    return Answer(passed=True, checked=counted.checked, failed=counted.failed, rows=numbers)


def _filled(kwargs: Mapping[str, Any], values: Mapping[str, object]) -> dict[str, Any]:
    return {
        name: values[value["$PARAMETER"]]
        if isinstance(value, dict) and "$PARAMETER" in value
        else value
        for name, value in kwargs.items()
    }


def _only(kwargs: Mapping[str, Any], arguments: Collection[str]) -> None:
    if not kwargs.keys() <= set(arguments):
        raise NotUnderstood


def _condition(condition: Any, rows: Columns) -> pl.Series:
    """Rows that a condition object selects; a blank matches no comparison."""
    parts = condition if isinstance(condition, dict) else {}
    name = (parts.get("column") or {}).get("name")
    if not isinstance(name, str) or name not in rows.table.columns:
        raise NotUnderstood
    series = rows[name]
    if parts.get("type") == "nullity" and isinstance(parts.get("is_null"), bool):
        return series.is_null() if parts["is_null"] else series.is_not_null()
    operator, wanted = parts.get("operator"), parts.get("parameter")
    words = wanted if operator == "IN" else [wanted] if operator == "==" else None
    if parts.get("type") != "comparison" or words is None:
        raise NotUnderstood
    return series.is_in(list(_of_column_type(words, series))).fill_null(False)


def _of_column_type(words: Any, series: pl.Series) -> set[Any]:
    """A set of values of the column's type; NotUnderstood for anything else."""
    if not isinstance(words, list | tuple | set | frozenset) or not words:
        raise NotUnderstood
    kinds = {type(word) for word in words}
    of = {str: series.dtype == pl.String, bool: series.dtype == pl.Boolean}
    of[int] = series.dtype.is_numeric()
    if len(kinds) != 1 or not of.get(kinds.pop(), False):
        raise NotUnderstood
    return set(words)


def _column(rows: Columns, kwargs: Mapping[str, Any]) -> tuple[str, pl.Series]:
    name = kwargs.get("column")
    if not isinstance(name, str):
        raise NotUnderstood
    return name, rows[name]


def _no_row(series: pl.Series) -> Callable[[], pl.Series]:
    return lambda: pl.zeros(series.len(), pl.Boolean, eager=True)


def _not_null(rows: Columns, kwargs: Mapping[str, Any]) -> Counted:
    _, series = _column(rows, kwargs)
    return Counted(series.len(), series.null_count(), series.is_null)


def _null(rows: Columns, kwargs: Mapping[str, Any]) -> Counted:
    _, series = _column(rows, kwargs)
    return Counted(series.len(), series.len() - series.null_count(), series.is_not_null)


def _by_value(is_wrong: Callable[[Any, Mapping[str, Any], pl.Series], list[Any]]) -> Callable:
    """A rule on single values, which checks each distinct value once."""

    def count(rows: Columns, kwargs: Mapping[str, Any]) -> Counted:
        name, series = _column(rows, kwargs)
        present = rows.present(name)
        if not present.len():
            return Counted(0, 0, _no_row(series))
        wrong = is_wrong(rows.distinct(name), kwargs, series)
        if not wrong:
            return Counted(present.len(), 0, _no_row(series))
        failing = series.is_in(wrong).fill_null(False)
        return Counted(present.len(), int(failing.sum()), lambda: failing)

    return count


def _outside_set(distinct: pl.Series, kwargs: Mapping[str, Any], series: pl.Series) -> list[Any]:
    words = _of_column_type(kwargs.get("value_set"), series)
    return [value for value in distinct.to_list() if value not in words]


def _inside_set(distinct: pl.Series, kwargs: Mapping[str, Any], series: pl.Series) -> list[Any]:
    words = _of_column_type(kwargs.get("value_set"), series)
    return [value for value in distinct.to_list() if value in words]


def _pattern(kwargs: Mapping[str, Any], series: pl.Series) -> re.Pattern[str]:
    # Great Expectations matches with Python's regular expressions, so Polars' are not used
    if series.dtype != pl.String or not isinstance(kwargs.get("regex"), str):
        raise NotUnderstood
    try:
        return re.compile(kwargs["regex"])
    except re.error:
        raise NotUnderstood from None


def _without_match(distinct: pl.Series, kwargs: Mapping[str, Any], series: pl.Series) -> list[Any]:
    search = _pattern(kwargs, series).search
    return [value for value in distinct.to_list() if not search(value)]


def _with_match(distinct: pl.Series, kwargs: Mapping[str, Any], series: pl.Series) -> list[Any]:
    search = _pattern(kwargs, series).search
    return [value for value in distinct.to_list() if search(value)]


def _between(rows: Columns, kwargs: Mapping[str, Any]) -> Counted:
    name, series = _column(rows, kwargs)
    low, high = (_bound(kwargs.get(bound), series) for bound in ("min_value", "max_value"))
    given = [bound for bound in (low, high) if bound is not None]
    if not given or given != sorted(given):
        raise NotUnderstood
    present = rows.present(name)
    outside = _outside(present, low, high)
    return Counted(
        present.len(),
        int(outside.sum()) if present.len() else 0,
        lambda: _outside(series, low, high).fill_null(False),
    )


def _outside(series: pl.Series, low: Any, high: Any) -> pl.Series:
    outside = pl.zeros(series.len(), pl.Boolean, eager=True)
    if low is not None:
        outside = outside | (series < low)
    if high is not None:
        outside = outside | (series > high)
    return outside


def _bound(value: Any, series: pl.Series) -> Any:
    """A bound of the column's type: a number, or a date as YYYY-MM-DD."""
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
    name, series = _column(rows, kwargs)
    present = rows.present(name)
    if rows.distinct(name).len() == present.len():
        return Counted(present.len(), 0, _no_row(series))
    failing = series.is_duplicated() & series.is_not_null()
    return Counted(present.len(), int(failing.sum()), lambda: failing)


def _unique_together(rows: Columns, kwargs: Mapping[str, Any]) -> Counted:
    names = kwargs.get("column_list")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise NotUnderstood
    columns = pl.DataFrame([rows[name] for name in names])
    # rows in which all values are blank are not checked
    if columns.select(pl.all_horizontal(pl.all().is_null()).any()).item():
        raise NotUnderstood
    # equal rows have equal hashes: if all hashes differ, all rows differ
    if columns.hash_rows().n_unique() == columns.height:
        return Counted(columns.height, 0, _no_row(columns.to_series()))
    failing = columns.is_duplicated()
    return Counted(columns.height, int(failing.sum()), lambda: failing)


def _pair(rows: Columns, kwargs: Mapping[str, Any]) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Two columns of one type, and the rows in which both are filled in."""
    names = kwargs.get("column_A"), kwargs.get("column_B")
    one, other = (rows[name] if isinstance(name, str) else None for name in names)
    if one is None or other is None:
        raise NotUnderstood
    if one.dtype != other.dtype and not (one.dtype.is_numeric() and other.dtype.is_numeric()):
        raise NotUnderstood
    both = one.is_not_null() & other.is_not_null()
    ignored = kwargs.get("ignore_row_if", "both_values_are_missing")
    if ignored != "either_value_is_missing" and not both.all():
        # Great Expectations decides how a blank compares
        raise NotUnderstood
    return one, other, both


def _greater(rows: Columns, kwargs: Mapping[str, Any]) -> Counted:
    one, other, both = _pair(rows, kwargs)
    if one.dtype == pl.Boolean:
        raise NotUnderstood
    is_less = one < other if kwargs.get("or_equal") else one <= other
    failing = is_less.fill_null(False) & both
    return Counted(int(both.sum()), int(failing.sum()), lambda: failing)


def _equal(rows: Columns, kwargs: Mapping[str, Any]) -> Counted:
    one, other, both = _pair(rows, kwargs)
    failing = (one != other).fill_null(False) & both
    return Counted(int(both.sum()), int(failing.sum()), lambda: failing)


def _sum(rows: Columns, kwargs: Mapping[str, Any]) -> Counted:
    names, total = kwargs.get("column_list"), kwargs.get("sum_total")
    if not isinstance(names, list) or not isinstance(total, int | float):
        raise NotUnderstood
    columns = pl.DataFrame([rows[name] for name in names])
    if not all(d.is_integer() for d in columns.dtypes) or any(columns.null_count().row(0)):
        raise NotUnderstood
    failing = columns.select(pl.sum_horizontal(pl.all().cast(pl.Int64)) != total).to_series()
    return Counted(columns.height, int(failing.sum()) if columns.height else 0, lambda: failing)


def _passed(has_passed: bool | None, **numbers: Any) -> Answer | None:
    return Answer(passed=True, **numbers) if has_passed else None


def _row_count(rows: Columns, kwargs: Mapping[str, Any]) -> Answer | None:
    observed = rows.table.height
    return _passed(lies_between(observed, kwargs), observed=observed)


def _exists(rows: Columns, kwargs: Mapping[str, Any]) -> Answer | None:
    return _passed(kwargs.get("column") in rows.table.columns)


def _distinct_and_expected(rows: Columns, kwargs: Mapping[str, Any]) -> tuple[set[Any], set[Any]]:
    """The words in the column and the expected words."""
    name, series = _column(rows, kwargs)
    if not rows.present(name).len():
        raise NotUnderstood
    return set(rows.distinct(name).to_list()), _of_column_type(kwargs.get("value_set"), series)


def _contains(rows: Columns, kwargs: Mapping[str, Any]) -> Answer | None:
    there, expected = _distinct_and_expected(rows, kwargs)
    return _passed(there >= expected)


def _equals(rows: Columns, kwargs: Mapping[str, Any]) -> Answer | None:
    there, expected = _distinct_and_expected(rows, kwargs)
    return _passed(there == expected, failed=0)


def _within(rows: Columns, kwargs: Mapping[str, Any]) -> Answer | None:
    there, expected = _distinct_and_expected(rows, kwargs)
    return _passed(there <= expected, failed=0)


def _most_common(rows: Columns, kwargs: Mapping[str, Any]) -> Answer | None:
    name, series = _column(rows, kwargs)
    expected = _of_column_type(kwargs.get("value_set"), series)
    most = set(rows.present(name).mode().to_list())
    return _passed(bool(most & expected) and (bool(kwargs.get("ties_okay")) or len(most) == 1))


def _statistic(of: Callable[[pl.Series], Any]) -> Callable:
    """A rule on a number of the whole column, which is not returned because it may be a value."""

    def check(rows: Columns, kwargs: Mapping[str, Any]) -> Answer | None:
        name, series = _column(rows, kwargs)
        present = rows.present(name)
        if not series.dtype.is_numeric() or not present.len():
            raise NotUnderstood
        return _passed(lies_between(of(present), kwargs))

    return check


_BETWEEN = {"min_value", "max_value"}
# type → the arguments understood, and the function that counts its rows
ROW_RULES: dict[str, tuple[set[str], Callable[[Columns, Mapping[str, Any]], Counted]]] = {
    "expect_column_values_to_not_be_null": ({"column"}, _not_null),
    "expect_column_values_to_be_null": ({"column"}, _null),
    "expect_column_values_to_be_in_set": ({"column", "value_set"}, _by_value(_outside_set)),
    "expect_column_values_to_not_be_in_set": ({"column", "value_set"}, _by_value(_inside_set)),
    "expect_column_values_to_match_regex": ({"column", "regex"}, _by_value(_without_match)),
    "expect_column_values_to_not_match_regex": ({"column", "regex"}, _by_value(_with_match)),
    "expect_column_values_to_be_between": ({"column"} | _BETWEEN, _between),
    "expect_column_values_to_be_unique": ({"column"}, _unique),
    "expect_compound_columns_to_be_unique": ({"column_list"}, _unique_together),
    "expect_column_pair_values_a_to_be_greater_than_b": (
        {"column_A", "column_B", "or_equal", "ignore_row_if"},
        _greater,
    ),
    "expect_column_pair_values_to_be_equal": ({"column_A", "column_B", "ignore_row_if"}, _equal),
    "expect_multicolumn_sum_to_equal": ({"column_list", "sum_total"}, _sum),
}
# type → the arguments understood, and the function that checks the whole table
TABLE_RULES: dict[str, tuple[set[str], Callable]] = {
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
