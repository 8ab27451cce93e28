"""Headings and words that let a delivery pass and that no crosswalk row knows, for a check.

At a load dbt finds the same by the same rules (`audit.unmapped_*`).
"""

from collections.abc import Mapping

import polars as pl

from tf_pipeline.findings import Finding
from tf_pipeline.ingest.fields import NamedDataset
from tf_pipeline.rules.month_rules import MonthRules
from tf_pipeline.rules.rule_messages import finding


def unknown_headings(named: Mapping[str, NamedDataset]) -> list[Finding]:
    """One finding for each heading, also if several datasets read its sheet."""
    found: dict[tuple[str, str | None, str], Finding] = {}
    for dataset, one in named.items():
        for heading in one.unknown:
            found.setdefault(
                (one.opened.file_name, one.opened.sheet, heading),
                finding(
                    "HEADING_UNKNOWN",
                    dataset=dataset,
                    file_name=one.opened.file_name,
                    sheet=one.opened.sheet,
                    heading=heading,
                ),
            )
    return list(found.values())


def unknown_words(
    rules: MonthRules, named: Mapping[str, NamedDataset], parameters: Mapping[str, object]
) -> list[Finding]:
    """One finding for each heading with unknown words; it does not quote them."""
    found = []
    for field in rules.fields:
        one = named.get(field.dataset)
        known = parameters.get(f"words_{field.dataset}_{field.name}")
        if one is None or field.name not in one.frame.columns or not isinstance(known, list):
            continue
        word = pl.col(field.name)
        rows = one.frame.filter(word.is_not_null() & ~word.is_in(known))["row_number"]
        if rows.len():
            found.append(
                finding(
                    "WORD_UNKNOWN",
                    dataset=field.dataset,
                    file_name=one.opened.file_name,
                    sheet=one.opened.sheet,
                    row=rows.to_list()[0],
                    heading=one.headings[field.name],
                    occurrences=rows.len(),
                )
            )
    return found
