"""The dated crosswalks, as Gate 1 needs them: headings to fields, and the known words.

dbt joins the same seeds to give values their meaning; a contract test keeps both in agreement.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from tf_pipeline import paths
from tf_pipeline.calendar import month_end
from tf_pipeline.naming import words_key
from tf_pipeline.vocabulary import ANY, NO_VALUE


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


@lru_cache
def _read(path: Path, _modified: int) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False)


def in_force(rows: pl.DataFrame, month: str) -> pl.DataFrame:
    """Rows of a dated seed that are in force at the end of a month."""
    end = month_end(month).isoformat()
    return rows.filter(
        (pl.col("valid_from") <= end) & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= end))
    )


def headings(authority: str, month: str) -> pl.DataFrame:
    """Heading crosswalk of one authority in one month: dataset, heading, heading_key, field.

    Rows for every authority (`*`) are included; an authority's own row for a heading wins.
    """
    rows = in_force(seed("crosswalks/xwalk_headings.csv"), month)
    rows = rows.filter(pl.col("authority").is_in([authority, ANY]))
    return (
        rows.with_columns(
            pl.col("heading").map_elements(words_key, pl.String).alias("heading_key"),
            (pl.col("authority") == ANY).alias("is_common"),
        )
        .sort("is_common")
        .unique(["dataset", "heading_key"], keep="first", maintain_order=True)
        .select("dataset", "heading", "heading_key", "field")
    )


def words(authority: str, month: str) -> dict[tuple[str, str], list[str]]:
    """Known words of one authority in one month, in comparison form, by (dataset, field).

    The key ("*", "*") holds the authority's words for "no value"; words for a whole dataset are
    listed under each field they apply to. A canonical value is also a word for itself.
    """
    rows = in_force(seed("crosswalks/xwalk_values.csv"), month)
    rows = rows.filter(pl.col("authority") == authority)
    is_anywhere = (pl.col("dataset") == ANY) & (pl.col("field") == ANY)
    known = {(ANY, ANY): [words_key(word) for word in rows.filter(is_anywhere)["delivered"]]}
    by_field: dict[tuple[str, str], list[str]] = {}
    of_fields = word_rows(rows.filter(~is_anywhere))
    for dataset, field, word in of_fields.select("of_dataset", "of_field", "word_key").iter_rows():
        by_field.setdefault((dataset, field), []).append(word)
    values: dict[str | None, list[str]] = {}
    for domain, value in seed("reference/ref_values.csv").select("domain", "value").iter_rows():
        values.setdefault(domain, []).append(words_key(value))
    for one in fields():
        key = (one.dataset, one.name)
        if accepted := [*by_field.get(key, []), *values.get(one.domain, [])]:
            known[key] = list(dict.fromkeys(accepted))
    return known


def word_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the word crosswalk for each field they apply to: `of_dataset`, `of_field`.

    Keeps only the most specific row of each word and field; `word_key` is the word in comparison
    form. A row for a whole dataset applies to the fields that can have its value; a word for "no
    value" applies to all of them.
    """
    values = seed("reference/ref_values.csv").select("domain", canonical="value").unique()
    of = pl.DataFrame(
        [(one.dataset, one.name, one.domain) for one in fields()],
        schema={"of_dataset": pl.String, "of_field": pl.String, "domain": pl.String},
        orient="row",
    )
    is_of_all_fields = (pl.col("dataset") != ANY) & (pl.col("field") == ANY)
    may_be = pl.col("is_value").is_not_null() | pl.col("canonical").is_in(NO_VALUE)
    return (
        rows.with_columns(
            pl.col("delivered").map_elements(words_key, pl.String).alias("word_key"),
            generality=(pl.col("dataset") == ANY).cast(pl.Int8)
            + (pl.col("field") == ANY).cast(pl.Int8),
        )
        .sort("generality", maintain_order=True)
        .join(of, how="cross", maintain_order="left")
        .filter(
            (pl.col("dataset") == pl.col("of_dataset")) | (pl.col("dataset") == ANY),
            (pl.col("field") == pl.col("of_field")) | (pl.col("field") == ANY),
        )
        .join(
            values.with_columns(is_value=True),
            on=["domain", "canonical"],
            how="left",
            maintain_order="left",
        )
        .filter(~is_of_all_fields | may_be)
        .unique(["of_dataset", "of_field", "word_key"], keep="first", maintain_order=True)
    )
