"""Months as this project writes them, `YYYY-MM`."""

import re
from datetime import date, timedelta

MONTH = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")


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
