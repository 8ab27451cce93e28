"""The condition that limits a rule to some rows of a table."""

from typing import Any

import polars as pl

from tf_pipeline.quality.rule_columns import Columns, NotUnderstood, alike


def rows_meeting(condition: Any, rows: Columns) -> pl.Series:
    """Rows that a condition object selects; a blank meets no comparison."""
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
    return series.is_in(list(alike(words, series))).fill_null(False)
