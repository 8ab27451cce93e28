"""Rules across rows and seeds: known words only, and no rows that contradict each other.

Belongs here: rules over rows.
Does not belong here: which words are known (`known_words.py`), reading files (`seed_files.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches

import polars as pl

from tf_pipeline.naming import words_key
from tf_pipeline.seeds.known_words import (
    DAY,
    KNOWN,
    NUMBER,
    REGEX,
    STATUS,
    Known,
    Seeds,
    of_authorities,
)
from tf_pipeline.seeds.override_checks import KNOWN_OVERRIDES, override_findings
from tf_pipeline.seeds.seed_files import (
    LINE,
    Declared,
    RuleFinding,
    day,
    empty_cells,
    last_day,
    number,
    when_empty,
)

# rows that differ only in these columns have the same meaning
REMARKS = ("valid_from", "valid_to", "source", "reviewed_by", "reviewed_on", "note", "reason")
LISTED = 12
HOURS_OF_A_WEEK = 168.0
# seed → impossible rows, the rule, and what to do
_RULE, _LEVEL = pl.col("level_rule"), pl.col("intensity_level")
NOT_TOGETHER = {
    "xwalk_intensity_levels": (
        (
            (_RULE == "level") & _LEVEL.is_null(),
            "LEVEL_MISSING",
            "level_rule level needs a level; accepted: L1, L2 or L3 as intensity_level",
        ),
        (
            _RULE.is_in(["none", "hours"]) & _LEVEL.is_not_null(),
            "LEVEL_NOT_EXPECTED",
            "level_rule none or hours has no level of its own; accepted: intensity_level empty",
        ),
        (
            (_RULE == "none") & pl.col("note").is_null(),
            "REASON_MISSING",
            "level_rule none needs a reason; accepted: a note such as 'a grant is no intervention'",
        ),
    ),
    "xwalk_hours_levels": (
        (
            number("hours_from") > number("hours_to"),
            "HOURS_REVERSED",
            "hours_from lies above hours_to; accepted: the lower number first, such as 2 and 5",
        ),
    ),
}


def disagreements(seeds: Seeds, entries: Mapping[str, Declared]) -> Iterator[RuleFinding]:
    """Everything in readable seeds that contradicts another row or a list of known words."""
    kinds = seeds["ref_declarations"].select("topic", "subject_kind", "value_kind", "declared_by")
    kinds = kinds.unique("topic", keep="first")
    declarations = seeds["authority_declarations"].join(kinds, on="topic", how="left")
    # the statuses allowed for a zero or a blank depend on its dataset
    of_dataset = pl.lit(f"{STATUS} of ") + pl.col("subject").str.split(".").list.first()
    kind = pl.col("value_kind")
    declarations = declarations.with_columns(
        pl.when(kind == STATUS).then(of_dataset).otherwise(kind).alias("value_kind")
    )
    seeds = {**seeds, "authority_declarations": declarations}
    for known in (*of_authorities(seeds), *KNOWN, *KNOWN_OVERRIDES):
        if known.seed in seeds:
            yield from _unknown(known, seeds)
    for seed, conditions in NOT_TOGETHER.items():
        for condition, rule, message in conditions:
            for line in seeds[seed].filter(condition)[LINE]:
                yield RuleFinding(f"{seed}.csv", line, rule, message)
    for seed, one in entries.items():
        yield from _overlaps(seed, seeds[seed], [c for c in one.grain if c != "valid_from"])
    yield from _overlaps("ref_frameworks", seeds["ref_frameworks"], [])
    yield from _framework_gaps(seeds["ref_frameworks"])
    yield from _hours_without_levels(seeds["xwalk_intensity_levels"], seeds["xwalk_hours_levels"])
    yield from _hours_overlaps(seeds["xwalk_hours_levels"])
    yield from _unreadable_expressions(declarations)
    yield from _not_a_number(declarations)
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


def _unknown(known: Known, seeds: Seeds) -> Iterator[RuleFinding]:
    file, rows = f"{known.seed}.csv", seeds[known.seed]
    within, column = list(known.within), known.column
    if not known.empty:
        yield from empty_cells(file, rows, column)
    if known.where is not None:
        rows = rows.filter(known.where)
    if known.parts is not None:
        rows = rows.with_columns(known.parts.alias(column)).explode(column)
    accepted = known.accepted(seeds).drop_nulls().unique(maintain_order=True)
    accepted = accepted.rename(dict(zip(accepted.columns, [*within, column], strict=True)))
    if within:
        # skip rows whose deciding columns are unknown: another rule reports those
        rows = rows.join(accepted, on=within, how="semi")
    bad = rows.filter(pl.col(column).is_not_null()).join(
        accepted, on=[*within, column], how="anti", maintain_order="left"
    )
    for row in bad.iter_rows(named=True):
        words = accepted.filter(**{name: row[name] for name in within})[column].to_list()
        message = f"'{row[column]}' is no {known.noun.format(**row)}; accepted: "
        message += _listed(words, row[column]) + (" or empty" if known.empty else "")
        yield RuleFinding(file, row[LINE], known.rule, message)


def _listed(words: Sequence[str], wrong: str) -> str:
    if len(words) <= LISTED:
        return ", ".join(words) or "nothing, the list is empty"
    return "one such as " + ", ".join(get_close_matches(wrong, words, 3, 0.5) or words[:3])


def _overlaps(seed: str, rows: pl.DataFrame, key: Sequence[str]) -> Iterator[RuleFinding]:
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


def _hours_without_levels(rows: pl.DataFrame, hours: pl.DataFrame) -> Iterator[RuleFinding]:
    bad = rows.filter(_RULE == "hours").join(hours, on="authority", how="anti")
    for line, authority in bad.select(LINE, "authority").iter_rows():
        message = (
            f"level_rule hours, and xwalk_hours_levels.csv has no row of {authority}; accepted: "
            "rows there, such as L1 from 0 to 2 hours"
        )
        yield RuleFinding("xwalk_intensity_levels.csv", line, "HOURS_LEVELS_MISSING", message)


def _hours_overlaps(rows: pl.DataFrame) -> Iterator[RuleFinding]:
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


def _unreadable_expressions(declarations: pl.DataFrame) -> Iterator[RuleFinding]:
    """Regular expressions that DuckDB cannot read: like its RE2, Polars has no look-around."""
    compiles = pl.lit("").str.contains(pl.col("value"), literal=False, strict=False)
    bad = declarations.filter(pl.col("value_kind") == REGEX, pl.col("value").is_not_null())
    for line, value in bad.filter(compiles.is_null()).select(LINE, "value").iter_rows():
        message = f"'{value}' is no regular expression that DuckDB reads; accepted: such as ^unborn"
        yield RuleFinding("authority_declarations.csv", line, "EXPRESSION_UNREADABLE", message)


def _not_a_number(declarations: pl.DataFrame) -> Iterator[RuleFinding]:
    """Declared numbers that are not positive whole numbers, and days that a month may lack."""
    # the day after it must exist in every month
    forms = {
        NUMBER: (r"^[1-9]\d{0,5}$", "whole number; accepted: such as 5"),
        DAY: (r"^([1-9]|1\d|2[0-7])$", "day; accepted: a whole number from 1 to 27"),
    }
    for kind, (form, expected) in forms.items():
        bad = declarations.filter(pl.col("value_kind") == kind, ~pl.col("value").str.contains(form))
        for line, value in bad.select(LINE, "value").iter_rows():
            message = f"'{value}' is no {expected}"
            yield RuleFinding("authority_declarations.csv", line, "NUMBER_UNREADABLE", message)


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
