"""Whether a delivery can be this month's: not an earlier one sent again, not another month's dates.

Belongs here: comparing an opened delivery with earlier ones, and its dates with the month.
Does not belong here: its outcome (`validate.py`), reading earlier deliveries (`history.py`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256

import polars as pl

from tf_pipeline.deliveries.history import Earlier, accepted_before
from tf_pipeline.findings import Finding
from tf_pipeline.ingest.fields import NamedDataset
from tf_pipeline.ingest.opened_dataset import OpenedDataset
from tf_pipeline.naming import ITEM, ROW
from tf_pipeline.rules.rule_messages import finding

# datasets that change every month where there is any work; others may stay the same
CHANGING = ("families", "people", "needs", "interventions", "incidents")
# fields that name the month of a row
MONTH_FIELDS = (("incidents", "incident_month"), ("benefits", "as_at"))
# starts of work; one or two after the month are typing errors, more are another month's file
START_FIELDS = (("families", "start_date"), ("interventions", "start_date"))
STARTS_AHEAD = 3
SERIAL_ZERO = date(1899, 12, 30)


def rows_sha256(one: OpenedDataset) -> str:
    """A hash of a dataset's rows; their order and the bytes of their file make no difference.

    Headings made by the shape are left out, because one may be the month itself.
    """
    names = sorted(set(one.rows.accepted.columns) - {ROW, ITEM, *one.made})
    cells = [pl.col(name).fill_null("").str.strip_chars() for name in names]
    lines = one.rows.accepted.select(pl.concat_str(cells, separator="\x1f").alias("line"))
    text = "\x1e".join(["\x1f".join(names), *lines["line"].sort().to_list()])
    return sha256(text.encode()).hexdigest()


def findings_of_month(
    authority: str,
    month: str,
    opened: Sequence[OpenedDataset],
    named: dict[str, NamedDataset],
    has_warehouse: bool,
) -> list[Finding]:
    """Findings if the delivery is an earlier one; otherwise if its dates are of another month."""
    earlier = accepted_before(authority, month) if has_warehouse else []
    resent = findings_of_resent(opened, earlier, month)
    return resent or findings_of_months(named, month)


def findings_of_resent(
    opened: Sequence[OpenedDataset], earlier: Sequence[Earlier], month: str
) -> list[Finding]:
    """One finding if the files or the rows are those of an earlier accepted delivery."""
    files = {one.dataset: one.file_sha256 for one in opened}
    rows = {one.dataset: rows_sha256(one) for one in opened if one.dataset in CHANGING}
    for former in earlier:
        same_files = bool(files) and files == former.files
        same_rows = bool(rows) and all(sha == former.rows.get(d) for d, sha in rows.items())
        if same_files or same_rows:
            resent = finding(
                "RESENT",
                earlier=former.month,
                month=month,
                same="files" if same_files else "rows",
                file_name=opened[0].file_name,
                dataset=opened[0].dataset,
            )
            return [resent]
    return []


def findings_of_months(named: Mapping[str, NamedDataset], month: str) -> list[Finding]:
    """One finding for each date field whose values are of another month.

    For a field of months: all rows before the month, or most of them after it, because a late
    delivery may bring earlier months along. For a field of starts: several after the month.
    Unreadable dates and headings that the shape makes are ignored.
    """
    findings = []
    for dataset, field in (*MONTH_FIELDS, *START_FIELDS):
        one = named.get(dataset)
        if one is None or field not in one.frame.columns or one.headings[field] in one.opened.made:
            continue
        months = _months(one.frame[field], one.opened.date_formats)
        later = {other: n for other, n in months.items() if other > month}
        wrong = later
        if (dataset, field) in MONTH_FIELDS:
            earlier = {other: n for other, n in months.items() if other < month}
            if sum(later.values()) * 2 <= months.total():
                wrong = earlier if earlier and sum(earlier.values()) == months.total() else {}
        elif sum(later.values()) < STARTS_AHEAD:
            wrong = {}
        if wrong:
            findings.append(_wrong_month(one, field, wrong, months.total(), month))
    return findings


def _wrong_month(
    one: NamedDataset, field: str, wrong: Mapping[str, int], read: int, month: str
) -> Finding:
    return finding(
        "WRONG_MONTH",
        dates=read,
        other=max(wrong, key=lambda other: (wrong[other], other)),
        month=month,
        dataset=one.opened.dataset,
        file_name=one.opened.file_name,
        sheet=one.opened.sheet,
        heading=one.headings[field],
        occurrences=sum(wrong.values()),
    )


def _months(cells: pl.Series, formats: Sequence[str]) -> Counter[str]:
    """Month → number of cells, by the first declared format that reads a cell."""
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
