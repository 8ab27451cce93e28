"""A file of changed rows: which seed it speaks of, and whether every value can be what it must.

Belongs here: opening and refusing such a file, with the line and the rule.
Does not belong here: what its rows do to the seed (`changed_rows.py`).
"""

import csv
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import duckdb
import polars as pl
import yaml

from tf_pipeline import paths
from tf_pipeline.authorities.crosswalks import seed

FROM, TO = "valid_from", "valid_to"
# the place of a row, beside the seed's own columns
FILE, LINE = "_tf_file", "_tf_line"


class RowsRefused(Exception):
    """A file of changed rows cannot be used; the message names the file, the line and the rule."""


@dataclass(frozen=True)
class Seed:
    """A seed as `_seeds.yml` describes it: its header, what a row is about, its typed columns."""

    path: str
    columns: list[str]
    grain: list[str]
    types: dict[str, str]

    @property
    def key(self) -> list[str]:
        return [column for column in self.grain if column != FROM]

    @property
    def name(self) -> str:
        return Path(self.path).stem


def read_rows(path: Path, folder: str) -> tuple[Seed, pl.DataFrame]:
    """The seed of a folder below `seeds/` with the file's columns, and the rows of the file.

    Rows are text in the seed's columns, with FILE and LINE; blank cells are null, dates are
    written YYYY-MM-DD. Raises RowsRefused.
    """
    header, rows = _read(path)
    about = _seed_of(path, header, folder, _seeds(folder))
    return about, _checked(rows.select(FILE, LINE, *about.columns), about)


def _seeds(folder: str) -> list[Seed]:
    described = {
        one["name"]: one["config"]
        for path in sorted(paths.seeds_dir().rglob("*.yml"))
        for one in yaml.safe_load(path.read_text("utf-8")).get("seeds") or []
    }
    found = []
    for path in sorted((paths.seeds_dir() / folder).glob("*.csv")):
        config, name = described[path.stem], f"{folder}/{path.name}"
        grain = [part.strip() for part in config["meta"]["grain"].split(",")]
        found.append(Seed(name, seed(name).columns, grain, config["column_types"]))
    return found


def _read(path: Path) -> tuple[list[str], pl.DataFrame]:
    """The header, and the rows as text with their place; blank cells are null."""
    try:
        reader = csv.reader(StringIO(path.read_text("utf-8-sig"), newline=""))
        lines = [(reader.line_num, cells) for cells in reader if any(c.strip() for c in cells)]
    except FileNotFoundError:
        raise RowsRefused(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError, csv.Error):
        raise RowsRefused(f"{path}: cannot be read as a CSV file in UTF-8") from None
    if len(lines) < 2:
        raise RowsRefused(f"{path}: holds no row; expected a header line and changed rows below")
    header = [name.strip() for name in lines[0][1]]
    for number, cells in lines[1:]:
        if len(cells) != len(header):
            raise RowsRefused(
                f"{path} line {number}: has {len(cells)} cells, expected {len(header)}"
            )
    if len(set(header)) < len(header):
        raise RowsRefused(f"{path} line {lines[0][0]}: a column stands there twice")
    rows = [
        [str(path), number, *(cell if cell.strip() else None for cell in cells)]
        for number, cells in lines[1:]
    ]
    schema = {FILE: pl.String, LINE: pl.Int64, **dict.fromkeys(header, pl.String)}
    return header, pl.DataFrame(rows, schema=schema, orient="row")


def _seed_of(path: Path, header: list[str], folder: str, seeds: list[Seed]) -> Seed:
    """The one seed with these columns; of two with the same, the one that the file is named for."""
    fitting = [one for one in seeds if set(one.columns) == set(header)]
    if len(fitting) > 1:
        fitting = [one for one in fitting if one.name == path.stem] or fitting
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = " and ".join(one.name for one in fitting)
        raise RowsRefused(f"{path} line 1: {names} have these columns; name the file for its seed")
    nearest = min(seeds, key=lambda one: len(set(one.columns) ^ set(header)))
    missing = [name for name in nearest.columns if name not in header]
    unknown = [name for name in header if name not in nearest.columns]
    lacks = [f"no column {', '.join(missing)}"] if missing else []
    lacks += [f"an unknown column {', '.join(unknown)}"] if unknown else []
    known = "; ".join(f"{one.name} ({', '.join(one.columns)})" for one in seeds)
    raise RowsRefused(
        f"{path} line 1: no seed of {folder} has these columns, for {nearest.name} there is "
        f"{' and '.join(lacks)}; the seeds are {known}"
    )


def _checked(rows: pl.DataFrame, about: Seed) -> pl.DataFrame:
    """The rows once every value is what its column holds, dates written YYYY-MM-DD."""
    known = seed(about.path)
    for column in (c for c in (*about.key, FROM) if c in about.columns):
        # what no row of the seed leaves blank
        if not known[column].null_count():
            refuse(rows.filter(pl.col(column).is_null()), f"{column} is blank; every row has one")
    types = {c: t for c, t in about.types.items() if c in about.columns and t != "varchar"}
    read = ", ".join(
        f'try_strptime("{c}", \'%Y-%m-%d\')::date::varchar as "{c}"'
        if kind == "date"
        else f'try_cast("{c}" as {kind})::varchar as "{c}"'
        for c, kind in types.items()
    )
    typed = duckdb.sql(f"select {read} from rows").pl() if types else pl.DataFrame()
    for column, kind in types.items():
        expected = "date; expected YYYY-MM-DD, such as 2016-04-01" if kind == "date" else kind
        wrong = rows.filter(pl.col(column).is_not_null() & typed[column].is_null())
        refuse(wrong, f"{column} {{{column}}} is not a {expected}")
    rows = rows.with_columns(typed[c] for c, kind in types.items() if kind == "date")
    if {FROM, TO} <= set(about.columns):
        reversed_dates = rows.filter(pl.col(TO) < pl.col(FROM))
        refuse(reversed_dates, f"{TO} {{{TO}}} lies before {FROM} {{{FROM}}}")
    if "authority" in about.columns:
        # rows that hold for all of them name none: the seed has such rows, or it takes none
        listed = pl.concat([seed("reference/ref_authorities.csv")["authority"], known["authority"]])
        strange = rows.filter(~pl.col("authority").is_in(listed.unique().to_list()))
        refuse(strange, "there is no authority {authority}; ref_authorities lists them")
    return rows


def refuse(wrong: pl.DataFrame, rule: str) -> None:
    """Raises RowsRefused for the first wrong row; `{column}` in the rule is that row's value."""
    if wrong.is_empty():
        return
    row = wrong.row(0, named=True)
    quoted = {name: f"'{value}'" for name, value in row.items()}
    raise RowsRefused(f"{row[FILE]} line {row[LINE]}: {rule.format_map(quoted)}")
