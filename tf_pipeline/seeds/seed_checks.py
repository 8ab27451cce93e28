"""Rules that compare rows of a seed, or seeds, with each other.

Belongs here: rows that must go together, and the order in which everything is compared.
Does not belong here: what one row may hold (`suite_rules.py`), known words (`known_words.py`),
two answers to one question (`row_overlaps.py`), reading files (`seed_files.py`).
"""

from collections.abc import Iterator, Mapping

import polars as pl

from tf_pipeline.seeds.declared_values import (
    KNOWN_DECLARATIONS,
    not_a_number,
    unreadable_expressions,
    with_kinds,
)
from tf_pipeline.seeds.known_words import KNOWN, of_authorities
from tf_pipeline.seeds.override_checks import KNOWN_OVERRIDES, override_findings
from tf_pipeline.seeds.row_overlaps import hours_overlaps, overlaps
from tf_pipeline.seeds.seed_files import LINE, Declared, RuleFinding, day
from tf_pipeline.seeds.word_rule import Seeds, unknown_words


def disagreements(seeds: Seeds, entries: Mapping[str, Declared]) -> Iterator[RuleFinding]:
    """Everything in readable seeds that contradicts another row or a list of known words."""
    declarations = with_kinds(seeds)
    seeds = {**seeds, "authority_declarations": declarations}
    for known in (*of_authorities(seeds), *KNOWN, *KNOWN_DECLARATIONS, *KNOWN_OVERRIDES):
        if known.seed in seeds:
            yield from unknown_words(known, seeds)
    for seed, one in entries.items():
        yield from overlaps(seed, seeds[seed], [c for c in one.grain if c != "valid_from"])
    yield from overlaps("ref_frameworks", seeds["ref_frameworks"], [])
    yield from _framework_gaps(seeds["ref_frameworks"])
    yield from _hours_without_levels(seeds["xwalk_intensity_levels"], seeds["xwalk_hours_levels"])
    yield from hours_overlaps(seeds["xwalk_hours_levels"])
    yield from unreadable_expressions(declarations)
    yield from not_a_number(declarations)
    yield from override_findings(seeds)
    if "worked_examples" in seeds:
        yield from _examples_of_two_levels(seeds["worked_examples"])


def _framework_gaps(frameworks: pl.DataFrame) -> Iterator[RuleFinding]:
    """FRAMEWORK_MISSING if no framework is in force on a day between two, or after the last."""
    rows = frameworks.sort("valid_from").with_columns(pl.col("valid_from").shift(-1).alias("next"))
    gaps = rows.filter(pl.col("valid_to").is_not_null()).filter(
        day("next").is_null() | (day("valid_to").dt.offset_by("1d") < day("next"))
    )
    for line, last in gaps.select(LINE, "valid_to").iter_rows():
        message = (
            f"no framework holds after {last}; accepted: valid_to the day before the next row's"
        )
        yield RuleFinding("ref_frameworks.csv", line, "FRAMEWORK_MISSING", f"{message} valid_from")


def _hours_without_levels(rows: pl.DataFrame, hours: pl.DataFrame) -> Iterator[RuleFinding]:
    bad = rows.filter(pl.col("level_rule") == "hours").join(hours, on="authority", how="anti")
    for line, authority in bad.select(LINE, "authority").iter_rows():
        message = (
            f"level_rule hours, and xwalk_hours_levels.csv has no row of {authority}; accepted: "
            "rows there, such as L1 from 0 to 2 hours"
        )
        yield RuleFinding("xwalk_intensity_levels.csv", line, "HOURS_LEVELS_MISSING", message)


def _examples_of_two_levels(examples: pl.DataFrame) -> Iterator[RuleFinding]:
    level = pl.col("agreed_level")
    rows = examples.with_columns(
        level.first().over("example").alias("_agreed"),
        pl.col(LINE).first().over("example").alias("_at"),
    )
    bad = rows.filter(level.ne_missing(pl.col("_agreed")))
    for row in bad.iter_rows(named=True):
        message = (
            f"example {row['example']} is agreed as {row['agreed_level'] or 'nothing'} here and "
            f"{row['_agreed'] or 'nothing'} on line {row['_at']}; accepted: one in all its rows"
        )
        yield RuleFinding("worked_examples.csv", row[LINE], "EXAMPLE_OF_TWO_LEVELS", message)
