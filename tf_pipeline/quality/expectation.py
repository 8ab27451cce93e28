"""The columns of an expectation, and the answer to it.

Belongs here: an expectation's columns, and the answer that either engine gives.
Does not belong here: evaluating an expectation (`set_based.py`, `gx_adapter.py`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

ROW_NUMBER = "row_number"
COLUMN_ARGUMENTS = ("column", "column_A", "column_B", "column_list")
# an answer has the row numbers of this many failing rows; a result shows fewer
ROWS_LOOKED_UP = 50


@dataclass(frozen=True)
class Answer:
    """What one expectation found, without its severity and its why."""

    passed: bool | None
    checked: int | None = None
    failed: int | None = None
    observed: int | float | None = None
    rows: tuple[int, ...] = ()
    problem: str | None = None


def named_columns(expectation: Mapping[str, Any]) -> list[str]:
    """The columns of an expectation's arguments, in their order."""
    columns: list[str] = []
    for argument in COLUMN_ARGUMENTS:
        value = expectation["kwargs"].get(argument)
        columns += [value] if isinstance(value, str) else value or []
    return columns


def columns_of(expectation: Mapping[str, Any]) -> list[str]:
    """Every column that an expectation reads, with those of its row condition."""
    return [*named_columns(expectation), *_condition_columns(expectation["kwargs"])]


def used_parameters(expectation: Mapping[str, Any]) -> dict[str, str]:
    """Argument → the parameter that gives its value."""
    return {
        argument: value["$PARAMETER"]
        for argument, value in expectation.get("kwargs", {}).items()
        if isinstance(value, dict) and "$PARAMETER" in value
    }


def needs_its_columns(expectation_type: str) -> bool:
    """Whether an absent column fails the rule before it runs: not if the rule is about that."""
    return not expectation_type.startswith(("expect_table_", "expect_column_to_exist"))


def row_numbers(failing: pl.DataFrame) -> tuple[int, ...]:
    """Row numbers of the first failing rows; none if the table has no row numbers."""
    if ROW_NUMBER not in failing.columns:
        return ()
    numbers = failing[ROW_NUMBER].head(ROWS_LOOKED_UP).cast(pl.Int64, strict=False)
    return tuple(numbers.drop_nulls().unique(maintain_order=True).to_list())


def _condition_columns(part: Any) -> Iterator[str]:
    """Columns of condition objects: {"type": "nullity", "column": {"name": …}, …}."""
    if isinstance(part, dict):
        column = part.get("column")
        if isinstance(column, dict) and isinstance(column.get("name"), str):
            yield column["name"]
        for inner in part.values():
            yield from _condition_columns(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _condition_columns(inner)
