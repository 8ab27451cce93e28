"""Turns a grid of cells into the rows of one dataset, and sets rows aside with a reason.

The result is one Polars frame: the row number, the number of a repeated group (or null) and one
text column per delivered heading.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from tf_pipeline.findings import Finding
from tf_pipeline.ingest.bounds import Bounds, bounds
from tf_pipeline.ingest.delivery_problem import problem
from tf_pipeline.ingest.headings import findings_of_errors, heading_row, headings_of
from tf_pipeline.ingest.totals import is_totals_row
from tf_pipeline.naming import ITEM, REASON, ROW, words_key
from tf_pipeline.vocabulary import SetAside

if TYPE_CHECKING:
    from tf_pipeline.authorities.spec import DatasetShape

PLACE = [ROW, ITEM]


@dataclass(frozen=True)
class Rows:
    """Rows of one dataset in one file, and the rows set aside, with their reason.

    `headings` are the file's own, in its order; `positions`: heading → column of the file, from 1
    (a repeated group has several columns per heading). `delivered` counts the rows from the heading
    row to the last filled one, including blank ones between, before any is set aside; for a
    repeated group it counts the filled groups. A dataset balances if `delivered` = accepted + set
    aside.
    """

    accepted: pl.DataFrame
    set_aside: pl.DataFrame
    headings: list[str]
    findings: list[Finding] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)
    delivered: int = 0
    header_row: int = 1


def read_rows(
    grid: pl.DataFrame,
    shape: "DatasetShape",
    dataset: str,
    month: str,
    file_name: str,
    other_repeats: Collection[str] = (),
    errors: Sequence[tuple[int, int, str]] = (),
    limits: Bounds | None = None,
) -> Rows:
    """The rows of one dataset in a grid; `other_repeats` are groups that other datasets read.

    `errors`: (row, column from 0, text) of Excel's error cells.
    Raises DeliveryProblem (rejected) if there is no heading row, or a heading is too long.
    """
    place = {"dataset": dataset, "file_name": file_name, "sheet": shape.sheet}
    header_row = heading_row(grid, shape.header_row, place)
    headings, findings = headings_of(grid, header_row, limits or bounds(), place)
    findings += findings_of_errors(errors, headings, header_row, place)
    others = [_repeat_pattern(repeat) for repeat in other_repeats if repeat != shape.repeat]
    headings = {
        column: name
        for column, name in headings.items()
        if not any(pattern.match(name) for pattern in others)
    }
    columns = [name for name in grid.columns if name != ROW]
    positions = {name: columns.index(column) + 1 for column, name in headings.items()}
    body = grid.slice(header_row + 1 - int(grid[ROW][0])).select(ROW, *headings).rename(headings)
    names = list(headings.values())
    blank = pl.all_horizontal(pl.col(name).str.strip_chars().fill_null("") == "" for name in names)
    body = _without_blank_end(body, blank)
    delivered = body.height
    body = body.with_columns(pl.lit(None, pl.Int32).alias(ITEM))
    body, set_aside = _take_out(body, blank, SetAside.BLANK_ROW, [])
    body, set_aside = _take_out(
        body, is_totals_row(body, names, shape.totals_row), SetAside.TOTALS_ROW, set_aside
    )
    if shape.exact_copies == "set_aside":
        body, set_aside = _take_out(
            body, ~pl.struct(names).is_first_distinct(), SetAside.EXACT_COPY, set_aside
        )
    if shape.repeat:
        of_groups = _filled_groups(body, names, shape.repeat)
        delivered += of_groups - body.height
        body, names = _unpivot(body, names, shape.repeat, place)
    for made, template in shape.made.items():
        body = body.with_columns(_made(template, names, month, place).alias(made))
        names = [*names, made]
    empty = body.clear().with_columns(pl.lit(None, pl.String).alias(REASON))
    aside = pl.concat([empty, *set_aside], how="diagonal") if set_aside else empty
    return Rows(
        body.select(*PLACE, *names), aside, names, findings, positions, delivered, header_row
    )


def _without_blank_end(body: pl.DataFrame, blank: pl.Expr) -> pl.DataFrame:
    """The rows up to the last filled one: a sheet may end in a million blank rows."""
    if not body.height or any(cell and cell.strip() for cell in body.row(-1)[1:]):
        return body
    filled = body.select(~blank).to_series().arg_true()
    return body.head(int(filled[-1]) + 1 if filled.len() else 0)


def _take_out(
    body: pl.DataFrame, condition: pl.Expr | pl.Series, reason: SetAside, before: list[pl.DataFrame]
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Splits off the rows that meet a condition, with their reason."""
    if isinstance(condition, pl.Expr):
        condition = body.select(condition.alias("_tf_out")).to_series()
    condition = condition.fill_null(False)
    if not condition.any():
        return body, before
    out = body.filter(condition).with_columns(pl.lit(reason.value).alias(REASON))
    return body.filter(~condition), [*before, out]


def _repeat_pattern(repeat: str) -> re.Pattern[str]:
    """`Member {n} *` as a pattern; its groups are the number and the text in place of the star."""
    before, after = re.split(r"\{n\}", repeat, maxsplit=1)
    parts = [re.escape(p).replace(r"\*", "(.*)").replace(r"\ ", r"\s+") for p in (before, after)]
    return re.compile(rf"^{parts[0]}(\d+){parts[1]}$", re.IGNORECASE)


def _filled_groups(body: pl.DataFrame, names: list[str], repeat: str) -> int:
    """How many groups of a repeated set of headings have a filled cell, counted cell by cell."""
    pattern = _repeat_pattern(repeat)
    number_of = {name: match.group(1) for name in names if (match := pattern.match(name))}
    if not number_of:
        return 0
    cells = body.select(*number_of).with_row_index("row").unpivot(index="row")
    filled = cells.filter(pl.col("value").str.strip_chars().fill_null("") != "")
    groups = filled.with_columns(pl.col("variable").replace_strict(number_of).cast(pl.Int32))
    return groups.select("row", "variable").n_unique()


def _unpivot(
    body: pl.DataFrame, names: list[str], repeat: str, place: dict
) -> tuple[pl.DataFrame, list[str]]:
    """One row per filled group of a repeated set of headings, such as `Member {n} *`."""
    pattern = _repeat_pattern(repeat)
    groups: dict[int, dict[str, str]] = {}
    for name in names:
        match = pattern.match(name)
        if match:
            number, rest = int(match.group(1)), match.group(match.lastindex or 1)
            groups.setdefault(number, {})[name] = repeat.replace("*", rest)
    if not groups:
        raise problem(
            "REPEATED_HEADINGS_MISSING",
            example=repeat.replace("{n}", "1"),
            **place,
        )
    grouped = {name for group in groups.values() for name in group}
    single = [name for name in names if name not in grouped]
    pieces = []
    for number, group in sorted(groups.items()):
        filled = pl.any_horizontal(pl.col(n).str.strip_chars().fill_null("") != "" for n in group)
        pieces.append(
            body.filter(filled)
            .select(ROW, *single, *(pl.col(n).alias(t) for n, t in group.items()))
            .with_columns(pl.lit(number, pl.Int32).alias(ITEM))
        )
    stacked = pl.concat(pieces, how="diagonal").sort(ROW, ITEM)
    names = [name for name in stacked.columns if name not in PLACE]
    return stacked, names


def _made(template: str, names: list[str], month: str, place: dict) -> pl.Expr:
    """A column made of other cells: `{Family No}-M{n}`; blank if one of them is blank."""
    by_key = {words_key(name): name for name in names}
    parts: list[pl.Expr] = []
    for piece in re.split(r"(\{[^}]*\})", template):
        if not piece.startswith("{"):
            parts.append(pl.lit(piece))
        elif piece == "{n}":
            parts.append(pl.col(ITEM).cast(pl.String))
        elif piece == "{month}":
            parts.append(pl.lit(month))
        elif (name := by_key.get(words_key(piece[1:-1]))) is not None:
            parts.append(pl.col(name).str.strip_chars())
        else:
            raise problem("KEY_HEADING_MISSING", heading=piece[1:-1], **place)
    return pl.concat_str(parts, ignore_nulls=False)
