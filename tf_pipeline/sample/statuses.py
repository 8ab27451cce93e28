"""Needs and incident counts in an authority's words, and what those words mean.

Not every authority can express every status: if its zeros mean "not held", it has no word for no.
Then the nearest text is written, and the true status is the meaning of that text.
"""

from dataclasses import dataclass

import polars as pl

from tf_pipeline.sample.dialect import Dialect, seldom_blank

STATUSES = ["yes", "no", "not_known"]


@dataclass(frozen=True)
class StatusTexts:
    """Texts that may be written, and the status they mean."""

    texts: list[str]
    status: str


def need_texts(dialect: Dialect, code: int) -> dict[str, StatusTexts]:
    """Status → the texts that this authority writes for one need."""
    field = f"need_{code}"
    meanings = _meanings(dialect, "needs", field)
    found = {s: StatusTexts(texts, s) for s in STATUSES if (texts := _saying(meanings, s))}
    unknown = found.get("not_known") or StatusTexts(_saying(meanings, meanings[""]), meanings[""])
    found["not_known"] = unknown
    zero = [StatusTexts(["0"], meanings["0"])] if "0" in meanings else []
    # without a word for yes, yes is not known; without a word for no, no is the declared zero
    return {
        "yes": found.get("yes", unknown),
        "no": found.get("no", (zero or [unknown])[0]),
        "not_known": unknown,
    }


def needs_said(dialect: Dialect) -> dict[int, dict[str, StatusTexts]]:
    """Need code → status → texts, for any of the three shapes of needs."""
    if "needs_present" not in dialect.headings["needs"]:
        return {code: need_texts(dialect, code) for code in dialect.framework.needs}
    words = dialect.choices("needs", "need")
    absent = "needs_absent" in dialect.headings["needs"]
    found = {}
    for code, need in dialect.framework.needs.items():
        texts = words.get(need, [])
        says_yes, says_no = bool(texts), bool(texts) and absent
        found[code] = {
            "yes": StatusTexts(texts, "yes" if says_yes else "not_known"),
            "no": StatusTexts(texts, "no" if says_no else "not_known"),
            "not_known": StatusTexts([], "not_known"),
        }
    return found


def with_needs_found(needs: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    """Adds `found_<n>`: the status according to the authority's own words and rules."""
    return needs.with_columns(
        pl.col(f"need_{code}")
        .replace_strict({s: option.status for s, option in options.items()}, return_dtype=pl.String)
        .alias(f"found_{code}")
        for code, options in needs_said(dialect).items()
    )


def incident_texts(dialect: Dialect, kind: str) -> tuple[StatusTexts, StatusTexts, bool]:
    """(for none, for not known, whether counts are written): texts and the status they mean."""
    meanings = _meanings(dialect, "incidents", kind)
    status = "not_known" if _saying(meanings, "not_known") else meanings[""]
    unknown = StatusTexts(_saying(meanings, status), status)
    if "0" not in meanings:
        return unknown, unknown, True
    zero = StatusTexts(["0"], meanings["0"])
    # nobody supplies the counts: the file is filled with zeros
    if zero.status == "not_held":
        return zero, zero, False
    words_only = StatusTexts([t for t in unknown.texts if t != "0"] or ["0"], unknown.status)
    return zero, words_only, True


def _meanings(dialect: Dialect, dataset: str, field: str) -> dict[str, str]:
    """Text → status, for every text with a meaning: words, a blank, a declared zero."""
    subject = f"{dataset}.{field}"
    meanings = {"": dialect.declares("blank_means", subject) or "not_known"}
    for canonical, words in dialect.choices(dataset, field).items():
        meanings |= dict.fromkeys(words, canonical)
    zero = dialect.declares("zero_means", subject)
    if zero:
        meanings.setdefault("0", zero)
    return meanings


def _saying(meanings: dict[str, str], status: str) -> list[str]:
    texts = [text for text, meaning in meanings.items() if meaning == status]
    words = [text for text in texts if text]
    return seldom_blank(words) if "" in texts else words
