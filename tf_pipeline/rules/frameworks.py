"""The needs a family may have, and how many make it eligible: dated reference data."""

from dataclasses import dataclass

import polars as pl

from tf_pipeline.rules.crosswalks import in_force, seed


@dataclass(frozen=True)
class Framework:
    """A national framework: `needs` is code → canonical name of the needs it introduced."""

    name: str
    needs_required: int
    needs: dict[int, str]


def frameworks() -> list[Framework]:
    """Every framework, earliest first."""
    return _frameworks(seed("reference/ref_frameworks.csv").sort("valid_from"))


def framework_in_force(month: str) -> Framework:
    """The framework in force at the end of a month.

    Raises LookupError if the reference data names none or several.
    """
    found = _frameworks(in_force(seed("reference/ref_frameworks.csv"), month))
    if len(found) != 1:
        raise LookupError(
            f"{month}: {len(found)} frameworks are in force in ref_frameworks.csv; expected one"
        )
    return found[0]


def need_fields() -> list[str]:
    """The fields that hold the status of one need each, in a separate column."""
    return [f"need_{code}" for one in frameworks() for code in one.needs]


def criteria(framework: Framework) -> dict[str, list[int]]:
    """Criterion of a framework → codes of the needs, from any framework, that each meet it."""
    rows = seed("reference/ref_framework_needs.csv")
    rows = rows.filter(pl.col("framework") == framework.name)
    found: dict[str, list[int]] = {}
    for criterion, code in rows.select("criterion", "need_code").iter_rows():
        found.setdefault(criterion, []).append(int(code))
    return found


def _frameworks(rows: pl.DataFrame) -> list[Framework]:
    needs: dict[str, dict[int, str]] = {}
    named = seed("reference/ref_needs.csv").select("framework", "need_code", "need")
    for framework, code, need in named.iter_rows():
        needs.setdefault(framework, {})[int(code)] = need
    return [
        Framework(name, int(required), needs.get(name, {}))
        for name, required in rows.select("framework", "needs_required").iter_rows()
    ]
