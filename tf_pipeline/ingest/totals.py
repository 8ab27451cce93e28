"""Finds the totals rows of a dataset: by their words, and by what they are.

Belongs here: the words that totals rows begin with, and the check that figures are sums.
Does not belong here: setting rows aside (`rows.py`).
"""

import re
from typing import TYPE_CHECKING

import polars as pl

from tf_pipeline.naming import ROW, words_key

if TYPE_CHECKING:
    from tf_pipeline.authorities.spec import TotalsRow

WORDS = {
    "total", "totals", "grand total", "grand totals", "sub total", "subtotal", "overall total",
    "total rows", "row total", "sum", "sums", "sum total", "all", "overall", "count",
    "report total", "final total", "column total", "column totals",
}  # fmt: skip
FIGURE = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?$")
# a totals row is among the last filled rows
LAST_ROWS = 5
FEWEST_ROWS = 4


def is_totals_row(body: pl.DataFrame, names: list[str], declared: "TotalsRow | None") -> pl.Series:
    """Which rows are totals: by the declared word, or a usual one; otherwise by their figures.

    A row by its figures has at most one text, a label without digits, and each of its other cells
    is blank, the sum of the column above or the number of rows above.
    """
    marks = pl.repeat(False, body.height, dtype=pl.Boolean, eager=True)
    if not names:
        return marks
    heading = _heading(declared, names) if declared else None
    if declared and heading:
        words = {words_key(declared.equals), *WORDS}
        keys = body[heading].fill_null("").str.strip_chars(" \t:.*").str.to_lowercase()
        marks = keys.str.replace_all(r"\s+", " ").is_in(sorted(words))
    first = max(body.height - LAST_ROWS, 0)
    at = [
        number
        for number, row in enumerate(body.tail(LAST_ROWS).iter_rows(named=True), start=first)
        if not marks[number] and _is_sum(row, body, names, marks)
    ]
    return marks.scatter(at, True) if at else marks


def _heading(declared: "TotalsRow", names: list[str]) -> str | None:
    if declared.heading:
        return next((n for n in names if words_key(n) == words_key(declared.heading)), None)
    position = (declared.column or 1) - 1
    return names[position] if position < len(names) else None


def _is_sum(row: dict, body: pl.DataFrame, names: list[str], marks: pl.Series) -> bool:
    texts = {n: row[n].strip() for n in names if row[n] and row[n].strip()}
    labels = [text for text in texts.values() if not FIGURE.match(text)]
    if len(labels) > 1 or len(labels) == len(texts) or any(c.isdigit() for c in "".join(labels)):
        return False
    above = body.filter(~marks & (pl.col(ROW) < row[ROW]))
    said = {n: float(t.replace(",", "")) for n, t in texts.items() if t not in labels}
    sums = above.select(
        pl.col(n).str.strip_chars().str.replace_all(",", "").cast(pl.Float64, strict=False).sum()
        for n in said
    ).row(0, named=True)
    is_sum = [abs(value - sums[n]) < 0.01 for n, value in said.items()]
    is_count = [value == above.height for value in said.values()]
    if not all(one or other for one, other in zip(is_sum, is_count, strict=True)):
        return False
    if any(_key(label) in WORDS for label in labels):
        return True
    # numbers that count up may by chance be the count, or the sum of very few, of those above
    is_clear = [s and v > 1 for s, v in zip(is_sum, said.values(), strict=True)]
    return above.height >= FEWEST_ROWS and any(is_clear)


def _key(label: str) -> str:
    return words_key(label.strip(" \t:.*"))
