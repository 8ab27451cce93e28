"""What the suite of a seed asks of its rows, asked by line before anything uses the seed.

Belongs here: the critical rules of `expectations/reference.<seed>.json`, which the gate of the
seed's table asks too; a rule is edited there, for both.
Does not belong here: what every seed obeys (`seed_files.py`), what compares rows or seeds
(`seed_checks.py`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import polars as pl

from tf_pipeline.quality.asked import asked_in_words
from tf_pipeline.quality.expectation import ROW_NUMBER, Answer, named_columns
from tf_pipeline.quality.limits import COUNTS_ROWS
from tf_pipeline.quality.set_based import answers
from tf_pipeline.quality.suites import arguments_to_show
from tf_pipeline.seeds.seed_files import LINE, Declared, RuleFinding, day, kind_of
from tf_pipeline.vocabulary import Severity

NUMBERS = {"integer": pl.Int64, "decimal": pl.Float64, "double": pl.Float64}
FILLED = "expect_column_values_to_not_be_null"
# type → the name of what breaks it, where the suite gives none in meta.rule
NAMES = {
    FILLED: "CELL_EMPTY",
    "expect_column_values_to_be_in_set": "{}_UNKNOWN",
    "expect_column_values_to_match_regex": "{}_UNREADABLE",
    "expect_column_values_to_be_between": "{}_OUT_OF_RANGE",
    "expect_column_values_to_be_unique": "{}_TWICE",
    "expect_column_distinct_values_to_contain_set": "{}_MISSING",
    "expect_column_distinct_values_to_equal_set": "{}_MISSING",
    "expect_table_row_count_to_be_between": "ROWS_MISSING",
}


def broken_rules(
    seed: str,
    rows: pl.DataFrame,
    entry: Declared,
    suite: Mapping[str, Any],
    unreadable: Iterable[int],
) -> Iterator[RuleFinding]:
    """A finding for each row that breaks a critical rule, on line 1 where the whole seed does.

    `unreadable` are the lines with cells of the wrong type: no rule is asked of these rows, and
    with one of them no rule on the whole seed.
    """
    wrong = [*unreadable]
    rows = rows.filter(~pl.col(LINE).is_in(wrong))
    table = as_built(rows, entry)
    rules = [
        rule
        for rule in suite["expectations"]
        if rule["severity"] == Severity.CRITICAL and not (wrong and not _is_on_rows(rule))
    ]
    held = answers(rules, table, suite.get("suite_parameters") or {})
    for rule in rules:
        if rule["id"] in held:
            continue
        if not _is_on_rows(rule):
            message = f"the rows together do not hold; accepted: {_accepted(rule, rows)}"
            yield RuleFinding(f"{seed}.csv", 1, _name(rule), message)
            continue
        for row in rows.filter(pl.col(LINE).is_in(_lines(rule, table))).iter_rows(named=True):
            message = f"{_said(rule, row)}; accepted: {_accepted(rule, rows)}"
            yield RuleFinding(f"{seed}.csv", row[LINE], _name(rule), message)


def as_built(rows: pl.DataFrame, entry: Declared) -> pl.DataFrame:
    """The rows with the types of the seed's table, numbered by their lines."""
    kinds = {column: kind_of(column, entry) for column in rows.columns}
    return rows.with_columns(
        *(pl.col(c).cast(NUMBERS[k], strict=False) for c, k in kinds.items() if k in NUMBERS),
        *(day(c) for c, kind in kinds.items() if kind == "date"),
        *(pl.col(c) == "true" for c, kind in kinds.items() if kind == "boolean"),
        pl.col(LINE).alias(ROW_NUMBER),
    )


def _is_on_rows(rule: Mapping[str, Any]) -> bool:
    return rule["type"].startswith(COUNTS_ROWS)


def _lines(rule: Mapping[str, Any], table: pl.DataFrame) -> list[int]:
    """Lines that fail; set operations name fifty at a time, and none of a rule unknown to them."""
    any_share = {**rule, "kwargs": {**rule["kwargs"], "mostly": 0}}
    lines: list[int] = []
    while True:
        left = table.filter(~pl.col(ROW_NUMBER).is_in(lines))
        found = answers([any_share], left, {}).get(rule["id"], Answer(passed=None)).rows
        if not found:
            return lines
        lines += found


def _name(rule: Mapping[str, Any]) -> str:
    name = rule["meta"].get("rule") or NAMES.get(rule["type"], "RULE_BROKEN")
    return name.format(*(column.upper() for column in named_columns(rule)[:1]))


def _said(rule: Mapping[str, Any], row: Mapping[str, str | None]) -> str:
    cells = [(column, row[column]) for column in named_columns(rule)]
    return ", ".join(f"{c} is empty" if cell is None else f"{c} is '{cell}'" for c, cell in cells)


def _accepted(rule: Mapping[str, Any], rows: pl.DataFrame) -> str:
    """What `meta.accepted` says, the first filled cell, or the sentence on the gate's page."""
    if accepted := rule["meta"].get("accepted"):
        return accepted
    if rule["type"] == FILLED:
        filled = rows[rule["kwargs"]["column"]].drop_nulls().head(1).to_list()
        return f"a value such as {filled[0] if filled else 'any'}"
    return asked_in_words(rule["type"], arguments_to_show(rule, {}))
