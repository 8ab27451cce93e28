"""Headings and words that let a delivery pass and that no crosswalk row knows, for a check.

At a load dbt finds the same by the same rules (`audit.unmapped_*`).
"""

from collections.abc import Mapping

import polars as pl

from tf_pipeline import paths
from tf_pipeline.findings import Finding
from tf_pipeline.ingest.fields import NamedDataset
from tf_pipeline.rules.month_rules import MonthRules
from tf_pipeline.vocabulary import Severity
from tf_pipeline.yaml_files import read_yaml


def message(rule: str) -> str:
    """What a load's work list says of a rule: its words stand where dbt reads them."""
    project = read_yaml((paths.dbt_dir() / "dbt_project.yml").read_text("utf-8"))
    return project["vars"]["messages"][rule]


def unknown_headings(named: Mapping[str, NamedDataset]) -> list[Finding]:
    """One line a heading; a sheet that several datasets read says it once."""
    found: dict[tuple[str, str | None, str], Finding] = {}
    for dataset, one in named.items():
        for heading in one.unknown:
            found.setdefault(
                (one.opened.file_name, one.opened.sheet, heading),
                Finding(
                    "HEADING_UNKNOWN",
                    message("HEADING_UNKNOWN"),
                    Severity.WARNING,
                    dataset,
                    one.opened.file_name,
                    one.opened.sheet,
                    heading=heading,
                    responsible="gm",
                ),
            )
    return list(found.values())


def unknown_words(
    rules: MonthRules, named: Mapping[str, NamedDataset], parameters: Mapping[str, object]
) -> list[Finding]:
    """One line a heading with words that are not known; the words themselves are not quoted."""
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
                Finding(
                    "WORD_UNKNOWN",
                    message("WORD_UNKNOWN"),
                    Severity.WARNING,
                    field.dataset,
                    one.opened.file_name,
                    one.opened.sheet,
                    rows.to_list()[0],
                    one.headings[field.name],
                    "gm",
                    rows.len(),
                )
            )
    return found
