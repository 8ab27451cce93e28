"""The question and the limits of a rule, and deciding a rule from stored counts.

The question says what is counted (type, table, columns, condition, pattern, words). The limits
say which counts pass (`mostly`, or bounds on a number of the whole table).
Belongs here: separating the two, and deciding from counts. Does not belong here: running a rule.
"""

import json
import math
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from tf_pipeline.quality.suites import used_parameters, usual_rows

# these observe a count or a share of the whole table, never a cell
OBSERVES_COUNT_OR_SHARE = (
    "expect_table_row_count_",
    "expect_table_column_count_",
    "expect_column_unique_value_count_",
    "expect_column_proportion_of_",
)
# these count rows, and pass if the share `mostly` of them passes
COUNTS_ROWS = (
    "expect_column_value",
    "expect_column_pair_values_",
    "expect_compound_columns_",
    "expect_select_column_values_",
    "expect_multicolumn_",
)
BOUNDS = ("min_value", "max_value", "strict_min", "strict_max", "value")
NOT_GIVEN, NOT_A_NUMBER = "not given", "not a number"


def question(expectation: Mapping[str, Any], defaults: Mapping[str, object]) -> str:
    """A hash of what is counted: rules with the same hash count the same.

    `defaults` are the suite's own values of parameters; another value gives another hash.
    """
    kwargs = expectation["kwargs"]
    asked = {name: kwargs[name] for name in sorted(kwargs) if name not in _limits_of(expectation)}
    own = {
        name: defaults[name]
        for argument, name in used_parameters(expectation).items()
        if argument in asked and name in defaults
    }
    meta = expectation["meta"]
    whole = [expectation["type"], meta.get("dataset"), meta.get("optional") is True, asked, own]
    return sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()[:16]


def limits(expectation: Mapping[str, Any], values: Mapping[str, object]) -> dict[str, Any]:
    """The limits with their parameters filled in.

    None: the parameter is None, so the rule does not apply. NOT_GIVEN: `values` lacks the
    parameter. NOT_A_NUMBER replaces anything else, because it may be a cell's value.
    """
    filled: dict[str, Any] = {}
    meta = expectation["meta"]
    usual = values.get(usual_rows(meta.get("dataset") or ""))
    for argument in _limits_of(expectation):
        limit = expectation["kwargs"].get(argument)
        if limit is None:
            continue
        if isinstance(limit, dict):
            name = limit.get("$PARAMETER", "")
            limit = values.get(name, NOT_GIVEN)
        if "share_of_last" in meta and isinstance(limit, int) and isinstance(usual, int):
            # the share may have changed since the rows were counted
            limit = math.floor(usual * meta["share_of_last"])
        is_plain = limit is None or limit == NOT_GIVEN or isinstance(limit, int | float)
        filled[argument] = limit if is_plain else NOT_A_NUMBER
    return filled


def numbers_given(
    expectation: Mapping[str, Any], given: Mapping[str, object]
) -> dict[str, int | float | None]:
    """The caller's values of an expectation's parameters, as far as they are numbers."""
    numbers: dict[str, int | float | None] = {}
    names = list(used_parameters(expectation).values())
    if "share_of_last" in expectation["meta"]:
        names.append(usual_rows(expectation["meta"]["dataset"]))
    for name in names:
        value = given.get(name)
        if name in given and (value is None or isinstance(value, int | float)):
            numbers[name] = value
    return numbers


def holds(
    kind: str,
    limit: Mapping[str, Any],
    checked: int | None,
    failed: int | None,
    observed: int | float | None,
) -> bool | None:
    """Whether counts are within limits; None if the counts cannot decide.

    As in Great Expectations, a table without rows passes and bounds are inclusive.
    """
    if kind.startswith(COUNTS_ROWS) and checked is not None and failed is not None:
        mostly = limit.get("mostly", 1)
        if not _is_number(mostly) or not 0 <= mostly <= 1:
            return None
        return checked == 0 or (checked - failed) / checked >= mostly
    if not kind.startswith(OBSERVES_COUNT_OR_SHARE) or observed is None:
        return None
    if kind.endswith("_to_equal"):
        return observed == limit["value"] if _is_number(limit.get("value")) else None
    return lies_between(observed, limit) if kind.endswith("_to_be_between") else None


def lies_between(observed: int | float, limit: Mapping[str, Any]) -> bool | None:
    """Whether a number is within `min_value` and `max_value`; None if neither is a number."""
    low, high = limit.get("min_value"), limit.get("max_value")
    bounds = [bound for bound in (low, high) if bound is not None]
    if not bounds or not all(map(_is_number, bounds)):
        return None
    above = low is None or (observed > low if limit.get("strict_min") else observed >= low)
    below = high is None or (observed < high if limit.get("strict_max") else observed <= high)
    return above and below


def _limits_of(expectation: Mapping[str, Any]) -> tuple[str, ...]:
    kind = expectation["type"]
    if kind.startswith(COUNTS_ROWS):
        return ("mostly",)
    return BOUNDS if kind.startswith(OBSERVES_COUNT_OR_SHARE) else ()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
