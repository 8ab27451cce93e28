"""Rows that are in force on the same day and answer the same question twice.

Belongs here: overlaps of rows by their key in `_seeds.yml`, and of hours by their ranges.
Does not belong here: rows that belong together otherwise (`seed_checks.py`).
"""

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from tf_pipeline.naming import words_key
from tf_pipeline.seeds.seed_files import LINE, RuleFinding, day, last_day, number, when_empty

# rows that differ only in these columns have the same meaning
REMARKS = ("valid_from", "valid_to", "source", "reviewed_by", "reviewed_on", "note", "reason")
HOURS_OF_A_WEEK = 168.0


def overlaps(seed: str, rows: pl.DataFrame, key: Sequence[str]) -> Iterator[RuleFinding]:
    """Rows of one key in force on the same day; compares words as the crosswalks do."""
    dated = "valid_from" in rows.columns
    keys = [pl.col(c).map_elements(words_key, pl.String).alias(f"_{c}") for c in key]
    days = [
        (day("valid_from") if dated else pl.lit(date.min)).alias("_first"),
        (last_day() if dated else pl.lit(date.max)).alias("_last"),
    ]
    rows = rows.with_columns(pl.lit(0).alias("_all"), *keys, *days)
    pairs = (
        rows.join(rows, on=["_all", *(f"_{c}" for c in key)], nulls_equal=True, suffix="_then")
        .filter(
            pl.col(LINE) < pl.col(f"{LINE}_then"),
            pl.col("_first") <= pl.col("_last_then"),
            pl.col("_first_then") <= pl.col("_last"),
        )
        .sort(LINE)
        .unique(f"{LINE}_then", keep="first")
    )
    compared = [c for c in rows.columns if c not in (*key, *REMARKS) and not c.startswith("_")]
    for row in pairs.iter_rows(named=True):
        differ = [
            f"{c} '{row[c] or ''}' and '{row[f'{c}_then'] or ''}'"
            for c in compared
            if row[c] != row[f"{c}_then"]
        ]
        about = ", ".join(str(row[c]) for c in key if row[c] is not None)
        when = f" from {max(row['_first'], row['_first_then'])}" if dated else ""
        message = f"line {row[LINE]} and line {row[f'{LINE}_then']} both hold{when}"
        message += f" for {about}" if about else ""
        message += f" and say {'; '.join(differ)}" if differ else ""
        message += "; accepted: one of them" + (
            ", or a valid_to on the earlier before the later's valid_from" if dated else ""
        )
        rule = "CONTRADICTORY" if differ else "ROWS_OVERLAP"
        yield RuleFinding(f"{seed}.csv", row[f"{LINE}_then"], rule, message)


def hours_overlaps(rows: pl.DataFrame) -> Iterator[RuleFinding]:
    """HOURS_OVERLAP if the same hours a week mean two levels on one day in one authority."""
    rows = rows.with_columns(
        when_empty("hours_from", 0.0, number("hours_from")).alias("_low"),
        when_empty("hours_to", HOURS_OF_A_WEEK, number("hours_to")).alias("_high"),
        day("valid_from").alias("_first"),
        last_day().alias("_last"),
    )
    low, high, low_then, high_then = (
        pl.col(c) for c in ("_low", "_high", "_low_then", "_high_then")
    )
    includes = {c: pl.col(c) == "true" for c in (
        "is_from_included", "is_to_included", "is_from_included_then", "is_to_included_then"
    )}  # fmt: skip
    pairs = rows.join(rows, on="authority", suffix="_then").filter(
        pl.col(LINE) < pl.col(f"{LINE}_then"),
        pl.col("intensity_level") != pl.col("intensity_level_then"),
        pl.col("_first") <= pl.col("_last_then"),
        pl.col("_first_then") <= pl.col("_last"),
        ((low < high_then) & (low_then < high))
        | ((high == low_then) & includes["is_to_included"] & includes["is_from_included_then"])
        | ((high_then == low) & includes["is_to_included_then"] & includes["is_from_included"]),
    )
    for row in pairs.iter_rows(named=True):
        message = (
            f"some hours mean {row['intensity_level']} on line {row[LINE]} and "
            f"{row['intensity_level_then']} here; accepted: ranges that meet, one end included"
        )
        yield RuleFinding("xwalk_hours_levels.csv", row[f"{LINE}_then"], "HOURS_OVERLAP", message)
