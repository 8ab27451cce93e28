"""The rules of one authority's month, resolved once and carried through its delivery.

Belongs here: the value object, and what Gate 1 asks of it.
Does not belong here: resolving (`word_map.py`, `heading_map.py`, `declarations.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import polars as pl

from tf_pipeline.calendar import month_end
from tf_pipeline.rules.crosswalks import Field, fields, seed_paths, seeds_named
from tf_pipeline.rules.declarations import DECLARATION_SEEDS, declarations_in_force
from tf_pipeline.rules.frameworks import Framework, framework_in_force
from tf_pipeline.rules.heading_map import HEADING_SEEDS, NAME, heading_map
from tf_pipeline.rules.word_map import WORD_SEEDS, word_map
from tf_pipeline.vocabulary import NO_VALUE

SEEDS = {*WORD_SEEDS, *HEADING_SEEDS, *DECLARATION_SEEDS, "ref_authorities"}
FRAMEWORK_SEEDS = ("ref_frameworks", "ref_needs")


@dataclass(frozen=True)
class MonthRules:
    """What applies to one authority's delivery for a month.

    headings, words: `heading_map` and `word_map` of every dataset. declared: topic → subject →
    value. framework: the one in force at the end of the month. codes_of_others: GSS codes.
    """

    authority: str
    month: str
    fields: tuple[Field, ...]
    headings: pl.DataFrame
    words: pl.DataFrame
    declared: dict[str, dict[str, str]]
    framework: Framework
    codes_of_others: tuple[str, ...]

    @property
    def crosswalk(self) -> pl.DataFrame:
        """Headings of crosswalk rows, own and for all: dataset, heading, heading_key, field."""
        rows = self.headings.filter(pl.col("preference") < NAME)
        return rows.select("dataset", "heading", "heading_key", "field")

    @cached_property
    def field_of(self) -> dict[tuple[str, str], str]:
        """(dataset, heading in comparison form) → the field that the heading names."""
        rows = self.headings.select("dataset", "heading_key", "field").iter_rows()
        return {(dataset, key): name for dataset, key, name in rows}

    @cached_property
    def known_words(self) -> dict[tuple[str, str], list[str]]:
        """(dataset, field) → its known words, in comparison form."""
        return _by_field(self.words)

    @cached_property
    def no_value_words(self) -> dict[tuple[str, str], list[str]]:
        """(dataset, field) → its words for "no value", in comparison form."""
        return _by_field(self.words.filter(pl.col("canonical").is_in(NO_VALUE)))


def month_rules(authority: str, month: str) -> MonthRules:
    """The rules of an authority's month, from the seeds; kept as long as no seed changes.

    Raises LookupError if not exactly one framework is in force.
    """
    files = seed_paths({*SEEDS, *FRAMEWORK_SEEDS}).values()
    return _resolved(authority, month, tuple((file, file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=64)
def _resolved(authority: str, month: str, _files: tuple) -> MonthRules:
    return resolve(authority, month, seeds_named(SEEDS))


def resolve(authority: str, month: str, seeds: Mapping[str, pl.DataFrame]) -> MonthRules:
    """The rules of an authority's month from the given rows, as text, of SEEDS."""
    known = tuple(fields())
    others = seeds["ref_authorities"].filter(pl.col("authority") != authority)
    deliveries = pl.DataFrame(
        {"dataset": list(dict.fromkeys(one.dataset for one in known))}
    ).with_columns(authority=pl.lit(authority), as_of_date=pl.lit(month_end(month).isoformat()))
    declared: dict[str, dict[str, str]] = {}
    rows = declarations_in_force(deliveries, seeds).select("topic", "subject", "value")
    for topic, subject, value in rows.iter_rows():
        declared.setdefault(topic, {})[subject] = value
    return MonthRules(
        authority,
        month,
        known,
        heading_map(deliveries, seeds),
        word_map(deliveries, seeds),
        declared,
        framework_in_force(month),
        tuple(others["gss_code"].drop_nulls()),
    )


def _by_field(words: pl.DataFrame) -> dict[tuple[str, str], list[str]]:
    rows: Iterable = words.group_by("dataset", "field").agg("word").iter_rows()
    return {(dataset, field): found for dataset, field, found in rows}
