"""Canonical values as an authority's text: words, dates, and texts for missing values."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from tf_pipeline.authorities.spec import DatasetShape
from tf_pipeline.sample.dialect import Dialect, SampleProblem
from tf_pipeline.sample.randomness import stream

ISO = "%Y-%m-%d"
SERIAL = "excel_serial"
SERIAL_SHARE = 0.06
# days from a spreadsheet's first day to 1970-01-01
EXCEL_EPOCH = 25569
# a null in these fields means not known; in other fields it means that there is none
MAY_BE_UNKNOWN = ("upn", "nino", "address", "postcode", "hours_per_week")


def chance(dialect: Dialect, *purpose: object) -> np.random.Generator:
    """Random numbers for one purpose of one authority and month."""
    return stream(dialect.seed, dialect.authority, dialect.month, *purpose)


def one_of(options: Sequence[str], size: int, random: np.random.Generator) -> pl.Series:
    """One of the options for each of `size` rows."""
    texts = pl.Series(options, dtype=pl.String)
    if len(set(options)) == 1:
        return texts.new_from_index(0, size)
    return texts.gather(random.integers(0, len(options), size))


def spread(
    column: pl.Series, options: Mapping[Any, list[str]], random: np.random.Generator
) -> pl.Series:
    """Replaces each value by one of its options, at random if there are several."""
    result = pl.Series([None], dtype=pl.String).new_from_index(0, column.len())
    # fixed order, so that the same seed gives the same words
    for value in column.unique().sort():
        texts = one_of(options[value], column.len(), random)
        is_value = column.is_null() if value is None else (column == value).fill_null(False)
        result = texts.zip_with(is_value, result)
    return result


def nothing(dialect: Dialect, dataset: str, field: str) -> list[str]:
    """The text of an empty cell: a dash if that is a word for no value."""
    dashes = [w for w in dialect.no_value(dataset, field) if w and not any(map(str.isalnum, w))]
    return dashes or [""]


def word_text(
    column: pl.Series, dialect: Dialect, dataset: str, field: str, avoid: Sequence[str] = ()
) -> pl.Series:
    """Canonical words as this authority's words; `avoid` are words with another meaning."""
    known = dialect.choices(dataset, field)
    unknown = [w for w in dialect.no_value(dataset, field) if w not in avoid]
    options: dict[Any, list[str]] = {
        value: [w for w in known.get(value, []) if w not in avoid] or unknown
        for value in column.drop_nulls().unique()
    }
    if "not_known" in options:
        options["not_known"] = unknown
    options[None] = nothing(dialect, dataset, field)
    return spread(column, options, chance(dialect, dataset, field))


def plain_text(column: pl.Series, dialect: Dialect, dataset: str, field: str) -> pl.Series:
    """Unchanged text; a null becomes a word for no value, or stays blank."""
    random = chance(dialect, dataset, field)
    unknown = field in MAY_BE_UNKNOWN
    options = dialect.no_value(dataset, field) if unknown else nothing(dialect, dataset, field)
    return column.cast(pl.String).zip_with(
        column.is_not_null(), one_of(options, column.len(), random)
    )


def date_text(column: pl.Series, dialect: Dialect, dataset: str, field: str) -> pl.Series:
    """Dates in the authority's format; some as spreadsheet numbers if it declares those."""
    shape = dialect.shape.datasets[dataset]
    texts = column.cast(pl.Datetime).dt.strftime(day_format(shape, dialect))
    random = chance(dialect, dataset, field)
    if SERIAL in shape.date_formats:
        serials = (column.to_physical() + EXCEL_EPOCH).cast(pl.String)
        texts = texts.zip_with(pl.Series(random.random(column.len()) >= SERIAL_SHARE), serials)
    return texts.zip_with(
        column.is_not_null(), one_of(nothing(dialect, dataset, field), column.len(), random)
    )


def month_text(column: pl.Series, dialect: Dialect, dataset: str) -> pl.Series:
    """Months in the authority's format for months, or as their first day."""
    shape = dialect.shape.datasets[dataset]
    months = [f for f in shape.date_formats if "%d" not in f and f != SERIAL]
    written = months[0] if months else day_format(shape, dialect)
    return column.cast(pl.Datetime).dt.strftime(written)


def day_format(shape: DatasetShape, dialect: Dialect) -> str:
    """How a date is written; a real Excel date is ISO text until the sheet is written."""
    days = [f for f in shape.date_formats if "%d" in f]
    if not days:
        raise SampleProblem(f"{dialect.authority}: no date format with a day for '{shape.files}'")
    return ISO if shape.format == "excel" and ISO in days else days[0]


def typed_day_format(shape: DatasetShape, dialect: Dialect) -> str:
    """How a date is written by hand, inside other text."""
    days = [f for f in shape.date_formats if "%d" in f]
    by_hand = [f for f in days if f != ISO] if shape.format == "excel" else days[:1]
    return (by_hand or [day_format(shape, dialect)])[0]
