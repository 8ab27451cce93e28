"""A rule that the cells of a column are known words, and the cells that break it.

Belongs here: what such a rule says, and comparing cells with its words.
Does not belong here: the rules (`known_words.py`, `declared_values.py`, `override_checks.py`),
words that the suite of the seed lists itself (`suite_rules.py`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import polars as pl

from tf_pipeline.seeds.seed_files import LINE, RuleFinding, empty_cells

Seeds = Mapping[str, pl.DataFrame]
# so many words are listed; of more, the nearest three
LISTED = 12


@dataclass(frozen=True)
class Known:
    """A rule: cells of a column must be known words; the columns in `within` decide which.

    accepted returns a frame of the columns in `within`, then the words. noun and those columns
    form the message. parts splits a cell with several words; where limits the rule to some rows.
    """

    seed: str
    column: str
    rule: str
    noun: str
    accepted: Callable[[Seeds], pl.DataFrame]
    within: tuple[str, ...] = ()
    empty: bool = False
    parts: pl.Expr | None = None
    where: pl.Expr | None = None


def of(seed: str, *columns: str) -> Callable[[Seeds], pl.DataFrame]:
    """Known words from columns of another seed."""
    return lambda seeds: seeds[seed].select(columns)


def among(*words: str) -> Callable[[Seeds], pl.DataFrame]:
    """Known words that the program defines."""
    return lambda seeds: pl.DataFrame({"word": words})


def unknown_words(known: Known, seeds: Seeds) -> Iterator[RuleFinding]:
    """A finding for each cell that breaks the rule: empty, or not among the accepted words."""
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
