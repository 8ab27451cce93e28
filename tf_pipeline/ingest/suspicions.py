"""Tells a delivery that is not this month's: last month's sent again, or another month's dates.

Belongs here: comparing an opened delivery with the last one, and its own months with the month.
Does not belong here: what becomes of it (`defs/accept.py`), reading what stood (`warehouse`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256

import polars as pl

from tf_pipeline.findings import Finding
from tf_pipeline.ingest.delivery import OpenedDataset
from tf_pipeline.ingest.fields import NamedDataset
from tf_pipeline.naming import ITEM, ROW
from tf_pipeline.warehouse.earlier import Earlier

# what changes from one month to the next wherever there is any work; other lists may stand still
CHANGING = ("families", "people", "needs", "interventions", "incidents")
# fields that say of which month a row is
MONTH_FIELDS = (("incidents", "incident_month"), ("benefits", "as_at"))
SERIAL_ZERO = date(1899, 12, 30)


def rows_sha256(one: OpenedDataset) -> str:
    """One hash of a dataset's rows, whatever their order and their file's bytes.

    Headings made by the shape are left out: one may be the month itself.
    """
    names = sorted(set(one.rows.accepted.columns) - {ROW, ITEM, *one.made})
    cells = [pl.col(name).fill_null("").str.strip_chars() for name in names]
    lines = one.rows.accepted.select(pl.concat_str(cells, separator="\x1f").alias("line"))
    text = "\x1e".join(["\x1f".join(names), *lines["line"].sort().to_list()])
    return sha256(text.encode()).hexdigest()


def findings_of_resent(
    opened: Sequence[OpenedDataset], rows: Mapping[str, str], earlier: Earlier, month: str
) -> list[Finding]:
    """One finding where the delivery is the last accepted month's, by its files or its rows."""
    files = {one.dataset: one.file_sha256 for one in opened}
    changing = [dataset for dataset in CHANGING if dataset in rows]
    same_files = bool(files) and files == earlier.files
    same_rows = bool(changing) and all(rows[d] == earlier.rows.get(d) for d in changing)
    if not (same_files or same_rows):
        return []
    what = "files are" if same_files else "rows are"
    return [
        Finding(
            "RESENT",
            f"these are the rows of {earlier.month}, sent again as {month}: all {what} the same. "
            f"Expected: the extract of {month}",
            file_name=opened[0].file_name,
            dataset=opened[0].dataset,
        )
    ]


def findings_of_months(named: Mapping[str, NamedDataset], month: str) -> list[Finding]:
    """One finding for each field of months that says the delivery is of another month.

    All rows before the month, or most of them after it; a late delivery may bring earlier months
    along. What cannot be read says nothing, and so does a heading that the shape made itself.
    """
    findings = []
    for dataset, field in MONTH_FIELDS:
        one = named.get(dataset)
        if one is None or field not in one.frame.columns:
            continue
        heading = one.headings[field]
        if heading in one.opened.made:
            continue
        months = _months(one.frame[field], one.opened.date_formats)
        read = months.total()
        later = sum(n for other, n in months.items() if other > month)
        earlier = sum(n for other, n in months.items() if other < month)
        if read and (later * 2 > read or earlier == read):
            said = max(months, key=lambda other: (months[other], other))
            count = later if later * 2 > read else earlier
            findings.append(
                Finding(
                    "WRONG_MONTH",
                    f"{count} of {read} dates say another month, most of them {said}; expected "
                    f"{month}, for which the delivery was sent",
                    dataset=dataset,
                    file_name=one.opened.file_name,
                    sheet=one.opened.sheet,
                    heading=heading,
                    occurrences=count,
                )
            )
    return findings


def _months(cells: pl.Series, formats: Sequence[str]) -> Counter[str]:
    """How many cells name which month, by the declared formats; the first that reads one wins."""
    found: Counter[str] = Counter()
    for text, count in cells.drop_nulls().value_counts().iter_rows():
        day = next((d for f in formats if (d := _day(text, f)) is not None), None)
        if day is not None:
            found[f"{day:%Y-%m}"] += count
    return found


def _day(text: str, date_format: str) -> date | None:
    try:
        if date_format == "excel_serial":
            return SERIAL_ZERO + timedelta(days=int(text))
        return datetime.strptime(text, date_format).date()
    except (ValueError, OverflowError):
        return None
