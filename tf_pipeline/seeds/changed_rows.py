"""Merges changed or new rows into a dated seed: which rows would be in force from which day.

Belongs here: the effect of a changed row on the rows before and after it.
Does not belong here: reading the file (`row_files.py`), checking the merged seeds
(`rulebook.py`), and their effect (dbt).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tf_pipeline.naming import words_key
from tf_pipeline.rules.crosswalks import seed
from tf_pipeline.seeds.row_files import FILE, FROM, TO, Seed, read_rows, refuse
from tf_pipeline.seeds.rulebook import RuleProblem
from tf_pipeline.seeds.seed_files import LINE, RuleFinding

# extra columns: the row's key, and whether the row comes from a file
KEY, NEW = "_tf_key", "_tf_new"


@dataclass(frozen=True)
class Edit:
    """One seed with its changed rows in place.

    path: below `seeds/`. rows: the whole merged seed, as text, in its own columns.
    places: for each of those rows the file and line it comes from, null if it is from the seed.
    changes: a row for each value that differs from the one in force on the changed row's first
    day: key, column, was, becomes, valid_from, valid_to of the changed row; may be empty.
    """

    path: str
    rows: pl.DataFrame
    places: pl.DataFrame
    changes: pl.DataFrame

    @property
    def name(self) -> str:
        """The seed's name in dbt."""
        return Path(self.path).stem


def changed_seeds(files: Mapping[str, Sequence[Path]]) -> list[Edit]:
    """Every seed that the files change, merged; `files` is a folder below `seeds/` → files.

    A row with the key and valid_from of a known row replaces it. A later row ends the row before
    it on the previous day; a row without valid_to ends on the day before the next row. Other rows
    do not change. Raises RuleProblem.
    """
    given: dict[str, tuple[Seed, list[pl.DataFrame]]] = {}
    for folder, some in files.items():
        for path in some:
            about, rows = read_rows(path, folder)
            given.setdefault(about.path, (about, []))[1].append(rows)
    return [_merge(about, pl.concat(frames)) for about, frames in given.values()]


def in_their_files(problem: RuleProblem, edits: Sequence[Edit]) -> RuleProblem:
    """The problem with file and line of the edited files, not of the merged seeds."""
    places = {Path(edit.path).name: edit.places for edit in edits}
    return RuleProblem([_placed(finding, places.get(finding.file)) for finding in problem.findings])


def _placed(finding: RuleFinding, places: pl.DataFrame | None) -> RuleFinding:
    # line 1 of the merged file has the headings
    if places is None or not 2 <= finding.line <= places.height + 1:
        return finding
    file, line = places.select(FILE, LINE).row(finding.line - 2)
    if file is None:
        return finding
    return RuleFinding(file, line, finding.rule, finding.message)


def _merge(about: Seed, given: pl.DataFrame) -> Edit:
    known, new = _keyed(seed(about.path), about), _keyed(given, about)
    refuse(
        new.filter(~pl.struct(KEY, FROM).is_first_distinct()),
        "ROW_TWICE",
        f"an earlier row has the same {', '.join(about.said.grain)}; accepted: one of them",
    )
    rows = _bounded(
        pl.concat(
            [
                known.join(new, on=[KEY, FROM], how="anti").with_columns(pl.lit(False).alias(NEW)),
                new.with_columns(pl.lit(True).alias(NEW)),
            ],
            how="diagonal",
        )
    )
    changed = rows.filter(NEW).join(known, on=known.columns, how="anti", nulls_equal=True)
    changes = _changes(changed, known, about)
    return Edit(about.path, rows.select(about.columns), rows.select(FILE, LINE), changes)


def _keyed(rows: pl.DataFrame, about: Seed) -> pl.DataFrame:
    """Rows with their key in comparison form; undated rows are in force on every day."""
    undated = [pl.lit(None if c == TO else "", pl.String).alias(c) for c in (FROM, TO)]
    rows = rows.with_columns(c for c in undated if c.meta.output_name() not in about.columns)
    parts = [pl.col(c).map_elements(words_key, pl.String).fill_null("") for c in about.key]
    # no word contains a unit separator
    return rows.with_columns(pl.concat_str(parts, separator="\x1f").alias(KEY))


def _bounded(rows: pl.DataFrame) -> pl.DataFrame:
    """Makes rows of one key follow each other in time; rows not affected keep their dates."""
    rows = rows.sort(KEY, FROM).with_columns(
        pl.col(FROM).shift(-1).over(KEY).alias("next_from"),
        pl.col(NEW).shift(-1).over(KEY).alias("next_is_new"),
    )
    runs_on = pl.col(TO) >= pl.col("next_from")
    refuse(
        rows.filter(pl.col(NEW) & runs_on),
        "ROWS_OVERLAP",
        f"{TO} {{{TO}}} does not lie before {{next_from}}, when the next row of its kind starts; "
        "accepted: a day before it, or empty",
    )
    is_open = pl.col(TO).is_null() & pl.col("next_from").is_not_null()
    ends = (pl.col(NEW) & is_open) | (pl.col("next_is_new") & (is_open | runs_on))
    day_before = pl.col("next_from").str.to_date("%Y-%m-%d", strict=False).dt.offset_by("-1d")
    last_day = pl.when(ends).then(day_before.dt.to_string("%Y-%m-%d")).otherwise(pl.col(TO))
    return rows.with_columns(last_day.alias(TO))


def _changes(changed: pl.DataFrame, known: pl.DataFrame, about: Seed) -> pl.DataFrame:
    """Each value of a changed row that differs from the row in force on its first day."""
    was = {c: f"{c} was" for c in known.columns if c != KEY}
    held = known.rename(was)
    starts, ends = pl.col(was[FROM]), pl.col(was[TO])
    on_its_day = (starts <= pl.col(FROM)) & (ends.is_null() | (ends >= pl.col(FROM)))
    before = changed.select(KEY, FROM).join(held, on=KEY).filter(on_its_day)
    both = changed.join(before, on=[KEY, FROM], how="left").with_row_index("at")
    values = [c for c in about.columns if c not in (*about.key, FROM, TO)]
    differs = {c: pl.col(c).ne_missing(pl.col(was[c])) for c in values}
    # a different end date is a change only if both rows start on the same day
    differs[TO] = starts.eq_missing(pl.col(FROM)) & pl.col(TO).ne_missing(ends)
    differs[FROM] = ~pl.any_horizontal(differs.values())
    parts = [
        both.filter(is_other).select(
            "at",
            pl.concat_str(about.key, separator=", ", ignore_nulls=True).alias("key"),
            pl.lit(column).alias("column"),
            pl.when(starts.is_null())
            .then(pl.lit("(no row)"))
            .otherwise(pl.col(was[column]).fill_null("(blank)"))
            .alias("was"),
            pl.col(column).fill_null("(blank)").alias("becomes"),
            FROM,
            TO,
        )
        for column, is_other in differs.items()
    ]
    return pl.concat(parts).sort("at", maintain_order=True).drop("at")
