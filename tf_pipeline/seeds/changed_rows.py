"""Changed or new rows of a dated seed, merged into it: which rows would hold from which day.

Belongs here: what becomes of the rows before and after a changed one.
Does not belong here: reading the file (`row_files.py`), whether the merged seeds keep every rule,
and what they change (dbt).
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

# beside the seed's own columns: what a row is about, and whether it comes from a file
KEY, NEW = "_tf_key", "_tf_new"


@dataclass(frozen=True)
class Edit:
    """One seed with its changed rows in place.

    path: below `seeds/`. rows: the whole merged seed, as text, in its own columns.
    places: for each of those rows the file and line it comes from, null where the seed has it.
    changes: a row for each value that differs from what held on the changed row's first day: key,
    column, was, becomes, valid_from, valid_to of the changed row; empty where nothing differs.
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
    """Every seed that the files speak of, merged; `files` is a folder below `seeds/` → files.

    A row with the key and valid_from of a known one replaces it; a later one ends the row before
    it the day before; an open row ends the day before the next. Rows that a file does not name
    stay as they are. Raises RuleProblem.
    """
    given: dict[str, tuple[Seed, list[pl.DataFrame]]] = {}
    for folder, some in files.items():
        for path in some:
            about, rows = read_rows(path, folder)
            given.setdefault(about.path, (about, []))[1].append(rows)
    return [_merge(about, pl.concat(frames)) for about, frames in given.values()]


def in_their_files(problem: RuleProblem, edits: Sequence[Edit]) -> RuleProblem:
    """What is wrong with merged seeds, said of the lines that somebody wrote."""
    places = {Path(edit.path).name: edit.places for edit in edits}
    return RuleProblem([_placed(finding, places.get(finding.file)) for finding in problem.findings])


def _placed(finding: RuleFinding, places: pl.DataFrame | None) -> RuleFinding:
    # the merged file has its headings in line 1
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
    """Rows with what they are about, compared as words are; undated rows hold on every day."""
    undated = [pl.lit(None if c == TO else "", pl.String).alias(c) for c in (FROM, TO)]
    rows = rows.with_columns(c for c in undated if c.meta.output_name() not in about.columns)
    parts = [pl.col(c).map_elements(words_key, pl.String).fill_null("") for c in about.key]
    # a unit separator is in no word
    return rows.with_columns(pl.concat_str(parts, separator="\x1f").alias(KEY))


def _bounded(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of one key hold one after the other; rows that no file speaks of keep their dates."""
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
    """Each value of a changed row that differs from the row that held on its first day."""
    was = {c: f"{c} was" for c in known.columns if c != KEY}
    held = known.rename(was)
    starts, ends = pl.col(was[FROM]), pl.col(was[TO])
    on_its_day = (starts <= pl.col(FROM)) & (ends.is_null() | (ends >= pl.col(FROM)))
    before = changed.select(KEY, FROM).join(held, on=KEY).filter(on_its_day)
    both = changed.join(before, on=[KEY, FROM], how="left").with_row_index("at")
    said = [c for c in about.columns if c not in (*about.key, FROM, TO)]
    differs = {c: pl.col(c).ne_missing(pl.col(was[c])) for c in said}
    # when an earlier row ends says nothing of this one
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
