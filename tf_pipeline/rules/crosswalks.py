"""The seeds as Python reads them: rows as text, the dates in force, words in comparison form.

Belongs here: reading any seed. Does not belong here: which row decides (`word_map.py`,
`heading_map.py`, `declarations.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from tf_pipeline import paths
from tf_pipeline.calendar import month_end
from tf_pipeline.naming import words_key

# Polars lowers letters that DuckDB does not know; Latin, Greek and Cyrillic are the same in both
OTHER_LETTERS = r"[^\x00-\x{52F}\x{2000}-\x{20FF}]"
# dates and reviewer of a rule that GM's own names and words need no row for
ALWAYS = {"valid_from": pl.lit("1900-01-01"), "reviewed_by": pl.lit("role:gm-analyst")}


@dataclass(frozen=True)
class Field:
    """One canonical field of one dataset (`seeds/reference/ref_fields.csv`)."""

    dataset: str
    name: str
    data_type: str
    domain: str | None
    is_essential: bool
    is_personal: bool = False


def fields() -> list[Field]:
    """Every canonical field."""
    rows = seed("reference/ref_fields.csv").iter_rows(named=True)
    return [
        Field(
            r["dataset"],
            r["field"],
            r["data_type"],
            r["domain"],
            r["is_essential"] == "true",
            r["is_personal"] == "true",
        )
        for r in rows
    ]


def seed(name: str) -> pl.DataFrame:
    """One seed as text, blanks as null; `name` is its path below `seeds/`."""
    path = paths.seeds_dir() / name
    return _read(path, path.stat().st_mtime_ns)


def seed_paths(names: Iterable[str]) -> dict[str, Path]:
    """Seed → its file, in the order of the names; raises KeyError if one does not exist."""
    found = {path.stem: path for path in paths.seeds_dir().rglob("*.csv")}
    return {name: found[name] for name in sorted(names)}


def seeds_named(names: Iterable[str]) -> dict[str, pl.DataFrame]:
    """Seed → its rows as text, blanks as null."""
    return {name: _read(path, path.stat().st_mtime_ns) for name, path in seed_paths(names).items()}


@lru_cache
def _read(path: Path, _modified: int) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False)


def in_force(rows: pl.DataFrame, month: str) -> pl.DataFrame:
    """Rows of a dated seed that are in force at the end of a month."""
    end = month_end(month).isoformat()
    return rows.filter(
        (pl.col("valid_from") <= end) & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= end))
    )


def is_in_force() -> pl.Expr:
    """Whether a dated row, as text, is in force on the day in its column `as_of_date`."""
    day, until = pl.col("as_of_date"), pl.col("valid_to")
    return (pl.col("valid_from") <= day) & (until.is_null() | (until >= day))


def words_key_of(text: pl.Expr) -> pl.Expr:
    """Texts in comparison form: `naming.words_key` for a whole column."""
    return text.map_batches(_words_keys, pl.String)


def _words_keys(texts: pl.Series) -> pl.Series:
    if texts.str.contains(OTHER_LETTERS).any():
        return texts.map_elements(words_key, pl.String)
    letters = texts.str.replace_all("İ", "i", literal=True).str.replace_all("Σ", "σ", literal=True)
    blanks = letters.str.replace_all(r"[\s\p{Z}\x1C-\x1F]+", " ").str.strip_chars(" ")
    return blanks.str.to_lowercase()
