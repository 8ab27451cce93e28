"""Rules on several columns of a row, counted by rows.

Belongs here: pairs, sums and keys of several columns.
Does not belong here: rules on one column (`value_rules.py`).
"""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from tf_pipeline.quality.rule_columns import Columns, Counted, NotUnderstood, no_row


def _unique_together(rows: Columns, kwargs: Mapping[str, Any]) -> Counted:
    names = kwargs.get("column_list")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise NotUnderstood
    columns = pl.DataFrame([rows[name] for name in names])
    # a row with none of its values is not looked at
    if columns.select(pl.all_horizontal(pl.all().is_null()).any()).item():
        raise NotUnderstood
    # rows that are equal have equal hashes: where no hash comes twice, no row does
    if columns.hash_rows().n_unique() == columns.height:
        return Counted(columns.height, 0, no_row(columns.to_series()))
    failing = columns.is_duplicated()
    return Counted(columns.height, int(failing.sum()), lambda: failing)


def _pair(rows: Columns, kwargs: Mapping[str, Any]) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Two columns of one kind, and the rows in which both are there."""
    names = kwargs.get("column_A"), kwargs.get("column_B")
    one, other = (rows[name] if isinstance(name, str) else None for name in names)
    if one is None or other is None:
        raise NotUnderstood
    if one.dtype != other.dtype and not (one.dtype.is_numeric() and other.dtype.is_numeric()):
        raise NotUnderstood
    both = one.is_not_null() & other.is_not_null()
    ignored = kwargs.get("ignore_row_if", "both_values_are_missing")
    if ignored != "either_value_is_missing" and not both.all():
        # how a blank compares is for Great Expectations to say
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


# type → the arguments understood, and how its rows are counted
ROW_RULES: dict[str, tuple[set[str], Callable[[Columns, Mapping[str, Any]], Counted]]] = {
    "expect_compound_columns_to_be_unique": ({"column_list"}, _unique_together),
    "expect_column_pair_values_a_to_be_greater_than_b": (
        {"column_A", "column_B", "or_equal", "ignore_row_if"},
        _greater,
    ),
    "expect_column_pair_values_to_be_equal": ({"column_A", "column_B", "ignore_row_if"}, _equal),
    "expect_multicolumn_sum_to_equal": ({"column_list", "sum_total"}, _sum),
}
