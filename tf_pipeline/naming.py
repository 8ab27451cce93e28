"""A name is an address: asset key ⇄ warehouse table ⇄ suite file.

Belongs here: how a thing is called in Dagster, DuckDB and `expectations/`.
Does not belong here: paths (`paths.py`) and canonical values (`vocabulary.py`).
"""

import re
from datetime import date, timedelta

# columns of ours beside delivered headings: no authority has such a heading
ROW, ITEM, REASON = "_tf_row", "_tf_item", "_tf_reason"
MONTH = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")


def delivery_key(authority: str) -> list[str]:
    """Asset key of one authority's delivery: `delivery/<authority>`."""
    return ["delivery", authority]


def table_key(schema: str, table: str) -> list[str]:
    """Asset key of a warehouse table: `<schema>/<table>`."""
    return [schema, table]


def suite_name(asset_key: list[str]) -> str:
    """Suite, and file name without `.json`, that gates an asset: its key joined by dots."""
    return ".".join(asset_key)


def is_month(text: str) -> bool:
    """Whether a text is a month as this project writes it, `YYYY-MM`."""
    return bool(MONTH.match(text))


def month_end(month: str) -> date:
    """Last day of a `YYYY-MM` month."""
    year, number = (int(part) for part in month.split("-"))
    first_of_next = date(year + number // 12, number % 12 + 1, 1)
    return first_of_next - timedelta(days=1)


def months_between(first: str, last: str) -> list[str]:
    """Every month from first to last, both included, as `YYYY-MM`."""
    months = []
    year, number = (int(part) for part in first.split("-"))
    while f"{year:04d}-{number:02d}" <= last:
        months.append(f"{year:04d}-{number:02d}")
        year, number = year + number // 12, number % 12 + 1
    return months


def words_key(text: str) -> str:
    """A heading or word as crosswalks compare it: trimmed, single blanks, lower case."""
    return " ".join(text.split()).lower()
