"""A file of changed rows: which seed it is for, and whether every value has the right form.

Belongs here: opening such a file, and refusing it with line and rule.
Does not belong here: the effect of its rows on the seed (`changed_rows.py`), whether the merged
seeds are consistent (`rulebook.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tf_pipeline import paths
from tf_pipeline.rules.crosswalks import seed
from tf_pipeline.seeds.rulebook import RuleProblem
from tf_pipeline.seeds.seed_files import (
    LINE,
    Declared,
    RuleFinding,
    declared,
    read_seed,
    wrong_cells,
    wrong_columns,
)

FROM, TO = "valid_from", "valid_to"
# extra column: the file that a row comes from
FILE = "_tf_file"


@dataclass(frozen=True)
class Seed:
    """A seed as `_seeds.yml` describes it: its path below `seeds/` and its columns."""

    path: str
    said: Declared

    @property
    def columns(self) -> list[str]:
        """The seed's header, in order."""
        return list(self.said.columns)

    @property
    def key(self) -> list[str]:
        """The columns that identify a row, without its first day."""
        return [column for column in self.said.grain if column != FROM]


def read_rows(path: Path, folder: str) -> tuple[Seed, pl.DataFrame]:
    """The seed in a folder below `seeds/` that has the file's columns, and the file's rows.

    Rows are text in the seed's columns, with FILE and LINE; blank cells are null.
    Raises RuleProblem.
    """
    if not path.is_file():
        raise refusal(path.name, 1, "FILE_MISSING", "there is no such file; accepted: a CSV file")
    rows, wrong = read_seed(path)
    if wrong:
        raise RuleProblem(wrong)
    if rows.is_empty():
        raise refusal(path.name, 1, "NO_ROW", "no row below the headings; accepted: changed rows")
    about = _seed_of(path, rows.columns, folder)
    if wrong := list(wrong_cells(path.name, rows, about.said)):
        raise RuleProblem(wrong)
    rows = rows.select(*about.columns, LINE, pl.lit(path.name).alias(FILE))
    if "authority" in about.columns:
        # `*` (all authorities) is accepted only if the seed already has such rows
        held = [seed("reference/ref_authorities.csv"), seed(about.path)]
        listed = pl.concat([one["authority"] for one in held]).unique().to_list()
        refuse(
            rows.filter(~pl.col("authority").is_in(listed)),
            "AUTHORITY_UNKNOWN",
            "there is no authority {authority}; accepted: one that ref_authorities lists",
        )
    return about, rows


def _seed_of(path: Path, header: Iterable[str], folder: str) -> Seed:
    """The seed with these columns; if several have them, the one with the file's name."""
    entries = declared(paths.seeds_dir() / "_seeds.yml")
    seeds = [
        Seed(f"{folder}/{file.name}", entries[file.stem])
        for file in sorted((paths.seeds_dir() / folder).glob("*.csv"))
    ]
    names = {name for name in header if name != LINE}
    fitting = [one for one in seeds if set(one.columns) == names]
    if len(fitting) > 1:
        fitting = [one for one in fitting if Path(one.path).stem == path.stem] or fitting
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        same = " and ".join(Path(one.path).name for one in fitting)
        message = f"{same} have these columns; accepted: the file named for its seed"
        raise refusal(path.name, 1, "SEED_UNCLEAR", message)
    nearest = min(seeds, key=lambda one: len(set(one.columns) ^ names))
    (wrong,) = wrong_columns(path.name, names, nearest.said)
    known = "; ".join(f"{Path(one.path).stem} ({','.join(one.columns)})" for one in seeds)
    message = f"for {Path(nearest.path).stem}: {wrong.message}. Seeds of {folder}: {known}"
    raise refusal(path.name, 1, "COLUMNS_DIFFER", message)


def refuse(wrong: pl.DataFrame, rule: str, message: str) -> None:
    """Raises RuleProblem if there are rows; `{column}` in the message is the row's value."""
    if not wrong.is_empty():
        raise RuleProblem(
            [
                RuleFinding(
                    row[FILE],
                    row[LINE],
                    rule,
                    message.format_map({name: f"'{value}'" for name, value in row.items()}),
                )
                for row in wrong.iter_rows(named=True)
            ]
        )


def refusal(file: str, line: int, rule: str, message: str) -> RuleProblem:
    """A RuleProblem with one finding."""
    return RuleProblem([RuleFinding(file, line, rule, message)])
