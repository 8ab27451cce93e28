"""Hides headings and sheet names that may be personal: work lists and packs quote headings.

A heading in the crosswalk is always shown. Any other heading is hidden if it looks like a number,
date or address of a person, or shares a word with a personal cell of the same delivery. The text
shown instead gives its column, which is enough to find it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tf_pipeline.ingest.rows import Rows
from tf_pipeline.naming import words_key
from tf_pipeline.rules.month_rules import MonthRules

# a NINO, a UPN, a postcode, a date, an e-mail address, a telephone or NHS number
LOOKS_PERSONAL = re.compile(
    r"\b[a-z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[a-d]\b|\b[a-z]\d{12}\b|\b[a-z]\d{11}[a-z]\b"
    r"|\b[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}\b|\b\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}\b"
    r"|\b\d{1,2}[-/. ]?[a-z]{3,9}[-/. ]?\d{2,4}\b|@|\d[\d ]{8,}",
    re.IGNORECASE,
)
WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-]){2,}")
# longer cells are sentences, and their words do not identify a person
WORDS_OF_A_NAME = 6


def personal_words(rules: MonthRules, datasets: Iterable[tuple[str, Rows]]) -> set[str]:
    """All words, in lower case, of the short cells in a delivery's personal columns."""
    personal = {(f.dataset, f.name) for f in rules.fields if f.is_personal}
    known = [
        (dataset, heading_key)
        for dataset, heading_key, field in rules.headings.select(
            "dataset", "heading_key", "field"
        ).iter_rows()
        if (dataset, field) in personal
    ]
    found: set[str] = set()
    for dataset, rows in datasets:
        for heading in rows.headings:
            if (dataset, words_key(heading)) in known:
                for cell in rows.accepted[heading].drop_nulls().unique():
                    words = _words(cell)
                    found.update(words if len(words) <= WORDS_OF_A_NAME else [])
    return found


def may_be_personal(text: str, words: set[str], beside: Iterable[str | None] = ()) -> bool:
    """Whether a heading may be personal: by its form, its words, or as a copy of a cell below."""
    key = words_key(text)
    return bool(
        LOOKS_PERSONAL.search(text)
        or words.intersection(_words(text))
        or any(words_key(cell) == key for cell in beside if cell)
    )


def without_personal_headings(
    rules: MonthRules, datasets: Sequence[tuple[str, Rows]], words: set[str]
) -> list[Rows]:
    """The rows, with every such heading replaced by a text that gives its column."""
    # a heading that any dataset knows or ignores is shown in every dataset
    known = set(rules.headings["heading_key"])
    return [_hidden(rows, known, words) for _, rows in datasets]


def _hidden(rows: Rows, known: set[str], words: set[str]) -> Rows:
    renamed = {
        heading: f"(column {rows.positions.get(heading, number)}: its heading may be personal)"
        for number, heading in enumerate(rows.headings, start=1)
        if words_key(heading) not in known
        and may_be_personal(heading, words, rows.accepted[heading].unique())
    }
    twice = [f.heading for f in rows.findings if f.heading and words_key(f.heading) not in known]
    hidden = {h: "(a heading that may be personal)" for h in twice if may_be_personal(h, words)}
    if not renamed and not hidden:
        return rows
    return replace(
        rows,
        accepted=rows.accepted.rename(renamed),
        set_aside=rows.set_aside.rename(renamed, strict=False),
        headings=[renamed.get(heading, heading) for heading in rows.headings],
        findings=[
            replace(f, heading={**renamed, **hidden}.get(f.heading or "", f.heading))
            for f in rows.findings
        ],
    )


def _words(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]
