"""The rules of the shared delivery suite, as a row of `delivery_overrides.csv` names them.

Belongs here: a rule's name, its field and its threshold; the rules as rows.
Does not belong here: what a row may say (`seeds/override_checks.py`), the suite of an authority
(`delivery_suite.py`).
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

SUITE, OVERRIDES = "delivery", "delivery_overrides"
COLUMNS = ("dataset", "field", "rule", "severity", "kind", "threshold")
# what a threshold is: a share of rows, or a number of rows
SHARE, NUMBER = "share", "number"
# these let a share of rows fail; without `mostly` no row may
OF_VALUES = "expect_column_values_"
OF_ROWS = "expect_table_row_count_to_be_between"


def rule_name(expectation: Mapping[str, Any]) -> str:
    """The name of a rule: `meta.rule` where the suite gives one, its type elsewhere."""
    return expectation["meta"].get("rule") or expectation["type"]


def rule_field(expectation: Mapping[str, Any]) -> str | None:
    """The field of a rule on one field; None for a rule on the whole dataset."""
    return expectation["kwargs"].get("column")


def threshold_place(expectation: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Where the threshold of a rule is, and what it is: part, key, SHARE or NUMBER.

    None for a rule without a threshold, such as that a column exists.
    """
    if "share_of_last" in expectation["meta"]:
        return "meta", "share_of_last", SHARE
    kwargs, kind = expectation["kwargs"], expectation["type"]
    if isinstance(kwargs.get("mostly"), int | float):
        return "kwargs", "mostly", SHARE
    if kind.startswith(OF_VALUES) and "mostly" not in kwargs:
        return "kwargs", "mostly", SHARE
    if kind == OF_ROWS and isinstance(kwargs.get("min_value"), int):
        return "kwargs", "min_value", NUMBER
    return None


def rules_as_rows(shared: Mapping[str, Any]) -> pl.DataFrame:
    """The rules of the shared suite: dataset, field, rule, severity, kind, threshold."""
    rows = [_row(expectation) for expectation in shared["expectations"]]
    types = dict.fromkeys(COLUMNS, pl.String) | {"threshold": pl.Float64}
    return pl.DataFrame(rows, schema=types, orient="row")


def _row(expectation: Mapping[str, Any]) -> tuple[Any, ...]:
    place = threshold_place(expectation)
    kind, threshold = None, None
    if place is not None:
        part, key, kind = place
        # a rule on values without `mostly` asks it of every row
        threshold = float(expectation[part].get(key, 1))
    return (
        expectation["meta"]["dataset"],
        rule_field(expectation),
        rule_name(expectation),
        expectation["severity"],
        kind,
        threshold,
    )
