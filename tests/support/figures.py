"""Published figures of one authority and month, in the form of the generator's `truth`."""

from typing import Any

import duckdb

STATUSES = ("yes", "no", "not_known", "not_held")
ELIGIBLE = ("as_declared", "support_counted", "support_not_counted", "changed")


def intensity(baseline: duckdb.DuckDBPyConnection, month: str, authority: str) -> dict[str, int]:
    """Level → open programme families."""
    return dict(_rows(baseline, month, authority, "intensity_level, families", "intensity_summary"))


def needs(
    baseline: duckdb.DuckDBPyConnection, month: str, authority: str
) -> dict[int, dict[str, int]]:
    """Need code → status → open programme families."""
    columns = 'need_code, yes, "no", not_known, not_held'
    return {
        code: dict(zip(STATUSES, counts, strict=True))
        for code, *counts in _rows(baseline, month, authority, columns, "need_prevalence")
    }


def eligibility(baseline: duckdb.DuckDBPyConnection, month: str, authority: str) -> dict[str, int]:
    """Open programme families that are eligible, by ruling on ESA support group."""
    columns = (
        "eligible_as_declared, eligible_support_group_counted, "
        "eligible_support_group_not_counted, changed"
    )
    (counts,) = _rows(baseline, month, authority, columns, "eligibility_sensitivity")
    return dict(zip(ELIGIBLE, counts, strict=True))


def closures(
    baseline: duckdb.DuckDBPyConnection, month: str, authority: str
) -> dict[str, list[int]]:
    """Reason → closed programme families, and how many are still open in any service."""
    columns = "closure_reason, families, still_open_in_any_service"
    return {
        reason: counts for reason, *counts in _rows(baseline, month, authority, columns, "closures")
    }


def _rows(
    baseline: duckdb.DuckDBPyConnection, month: str, authority: str, columns: str, table: str
) -> list[tuple[Any, ...]]:
    return baseline.execute(
        f"select {columns} from gm.{table} where month = ? and authority = ?", [month, authority]
    ).fetchall()
