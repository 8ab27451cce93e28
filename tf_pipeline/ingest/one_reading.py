"""Reads keys and numbers one way, so that all files, the gate and dbt see the same text.

Belongs here: the one form of a family's or person's number, and of a figure.
Does not belong here: what any cell may have around it (`clean_cells.py`).
"""

import re
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from tf_pipeline.findings import Finding
from tf_pipeline.ingest.fields import NUMBER
from tf_pipeline.ingest.opened_dataset import OpenedDataset
from tf_pipeline.naming import HEADING_AGAIN, ROW, words_key
from tf_pipeline.rules.month_rules import MonthRules
from tf_pipeline.rules.rule_messages import finding

DECIMAL_SIGN, COMMA = "decimal_sign", "comma"
THOUSANDS = r"^(-?\d{1,3}(?:,\d{3})+)(\.\d+)?$"
WITH_COMMA = r"^-?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+$"


def read_one_way(rules: MonthRules, opened: Sequence[OpenedDataset]) -> list[OpenedDataset]:
    """The datasets of a delivery, with keys and numbers in their one form.

    A key: no blank around it, no sign without width, no apostrophe before it, capitals. A number:
    no pound or per cent sign, no thousands separator, a point before the decimals. A cell that is
    no number stays as it is. A comma stands before decimals only where that is declared.
    """
    kinds = {(one.dataset, one.name): one.data_type for one in rules.fields}
    signs = rules.declared.get(DECIMAL_SIGN, {})
    read = []
    for one in opened:
        dataset, rows = one.dataset, one.rows
        keys, numbers = [], []
        commas: list[str] = []
        for heading in rows.headings:
            key = words_key(re.sub(HEADING_AGAIN, "", heading))
            field = rules.field_of.get((dataset, key), "")
            kind = kinds.get((dataset, field))
            if kind == "id":
                keys.append(_as_key(heading))
            elif kind == "number":
                has_comma = signs.get(f"{dataset}.{field}") == COMMA
                numbers.append(_as_number(heading, has_comma))
                commas += [] if has_comma else [heading]
        accepted = rows.accepted.with_columns(*keys, *numbers)
        rows = replace(
            rows, accepted=accepted, findings=[*rows.findings, *_findings_of_commas(one, commas)]
        )
        read.append(replace(one, rows=rows))
    return read


def _as_key(heading: str) -> pl.Expr:
    text = pl.col(heading).str.replace_all(r"\p{Cf}", "").str.replace_all(r"[\s\p{Z}]+", " ")
    return text.str.strip_chars().str.replace(r"^['’‘`]+\s*", "").str.to_uppercase()


def _as_number(heading: str, has_comma: bool) -> pl.Expr:
    bare = _bare(heading)
    if has_comma:
        plain = bare.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
        number = pl.when(bare.str.contains(WITH_COMMA)).then(plain).otherwise(bare)
    else:
        plain = bare.str.replace_all(",", "", literal=True)
        number = pl.when(bare.str.contains(THOUSANDS)).then(plain).otherwise(bare)
    is_number = number.str.contains(NUMBER)
    return pl.when(is_number).then(number).otherwise(pl.col(heading)).alias(heading)


def _bare(heading: str) -> pl.Expr:
    """A number without its unit and the blanks in it."""
    text = pl.col(heading).str.replace_all(r"[\s\p{Z}\p{Cf}'’]+", "")
    return text.str.replace(r"^(-?)£", "$1").str.replace(r"%$", "").str.replace(r"^[−–]", "-")


def _findings_of_commas(one: OpenedDataset, headings: list[str]) -> list[Finding]:
    if not headings:
        return []
    found = one.rows.accepted.select(
        ROW, *(_is_comma(heading).fill_null(False).alias(heading) for heading in headings)
    )
    counts = found.select(pl.col(headings).sum()).row(0, named=True)
    return [
        finding(
            "DECIMAL_COMMA",
            dataset=one.dataset,
            file_name=one.file_name,
            sheet=one.sheet,
            heading=heading,
            row=int(found.filter(heading)[ROW][0]),
            occurrences=count,
        )
        for heading, count in counts.items()
        if count
    ]


def _is_comma(heading: str) -> pl.Expr:
    bare = _bare(heading)
    return bare.str.contains(WITH_COMMA) & ~bare.str.contains(THOUSANDS)
