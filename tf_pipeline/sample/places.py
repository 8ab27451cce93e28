"""Combines the datasets of one file or sheet: groups side by side, one line per family."""

from collections.abc import Sequence

import polars as pl

from tf_pipeline.sample.dialect import Dialect
from tf_pipeline.sample.tables import KEYS, Table, as_somebody_typed_it

COPIES_SHARE = 0.02


def together(tables: Sequence[Table], dialect: Dialect) -> tuple[pl.DataFrame, dict[str, str]]:
    """The lines of one sheet or file, and heading → data type."""
    kinds: dict[str, str] = {}
    pieces: list[pl.DataFrame] = []
    repeats: dict[str, list[Table]] = {}
    for one in tables:
        repeat = dialect.shape.datasets[one.dataset].repeat
        if repeat:
            repeats.setdefault(repeat, []).append(one)
        else:
            pieces.append(one.frame)
        kinds = {**one.kinds, **kinds}
    pieces += [_across(group) for group in repeats.values()]
    # start with the dataset with the most lines; join the others to it
    base, *others = sorted(pieces, key=lambda frame: -frame.height)
    for other in others:
        base = _joined(base, other)
    headings = [name for name in base.columns if name not in KEYS]
    typed = {h: _kind(h, kinds) for h in headings}
    names = {h: _typed_heading(h, kinds, dialect) for h in headings}
    return base.select(headings).rename(names), {names[h]: typed[h] for h in headings}


def _across(tables: Sequence[Table]) -> pl.DataFrame:
    """Repeated groups with one numbering, such as members: one line per row key."""
    frame = tables[0].frame
    for other in tables[1:]:
        new = [c for c in other.frame.columns if c not in frame.columns]
        frame = frame.join(
            other.frame.select("row_key", "item", *new),
            on=["row_key", "item"],
            how="full",
            coalesce=True,
            maintain_order="left_right",
        )
    grouped = [c for c in frame.columns if "{n}" in c]
    single = [c for c in frame.columns if c not in grouped and c not in KEYS]
    lines = frame.select("row_key", *single).unique("row_key", keep="first", maintain_order=True)
    # include the first group's headings even if all its cells are empty
    for item in sorted({1, *frame["item"]}):
        group = frame.filter(pl.col("item") == item).select(
            "row_key", *(pl.col(c).alias(c.replace("{n}", str(item))) for c in grouped)
        )
        lines = lines.join(group, on="row_key", how="left", maintain_order="left")
    return lines


def _joined(base: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    people = all("person_key" in frame.columns for frame in (base, other)) and not (
        base["person_key"].is_null().any() or other["person_key"].is_null().any()
    )
    on = ["row_key", "person_key"] if people else ["row_key"]
    new = [c for c in other.columns if c not in base.columns]
    return base.join(other.select(*on, *new), on=on, how="left", maintain_order="left")


def _template(heading: str, kinds: dict[str, str]) -> str:
    """`Member {n} dob` for `Member 3 dob`; a heading outside a group is its own template."""
    if heading in kinds:
        return heading
    for template in kinds:
        before, found, after = template.partition("{n}")
        if found and heading.startswith(before) and heading.endswith(after):
            middle = heading[len(before) : len(heading) - len(after)]
            if middle.isdigit():
                return template
    return heading


def _kind(heading: str, kinds: dict[str, str]) -> str:
    return kinds[_template(heading, kinds)]


def _typed_heading(heading: str, kinds: dict[str, str], dialect: Dialect) -> str:
    """The heading as somebody typed it, the same in all groups with one numbering."""
    template = _template(heading, kinds)
    typed = as_somebody_typed_it(template, dialect)
    if template == heading:
        return typed
    before, _, after = template.partition("{n}")
    item = heading[len(before) : len(heading) - len(after)]
    return typed.replace("{n}", item)


def with_copies(lines: pl.DataFrame, random_rows: Sequence[int]) -> pl.DataFrame:
    """Lines, some of them twice, as in combined reports from two systems."""
    order = sorted([*range(lines.height), *random_rows])
    return lines[order]
