"""When a month's deliveries are due by GM's declaration, and when a baseline is old."""

import csv
from datetime import date, timedelta

from tf_pipeline import paths
from tf_pipeline.calendar import month_end

WHOLE, TOPIC, SUBJECT, DEFAULT_DAY = "gm", "delivery_due_day", "delivery", 10
# a month is due after its end; two months without a release mean that nobody is watching
STALE_AFTER = timedelta(days=62)
LATE_AFTER = timedelta(days=45)


def due_day(month: str) -> int:
    """Last day, in the following month, for a delivery: GM's declaration in force at month end."""
    end = month_end(month).isoformat()
    # not with Polars, which starts threads: the schedule calls this while the code location loads
    with (paths.seeds_dir() / "declarations/authority_declarations.csv").open(newline="") as file:
        found = [
            int(row["value"])
            for row in csv.DictReader(file)
            if (row["authority"], row["topic"], row["subject"]) == (WHOLE, TOPIC, SUBJECT)
            and row["valid_from"] <= end <= (row["valid_to"] or end)
        ]
    return found[0] if found else DEFAULT_DAY


def due_date(month: str) -> date:
    """Last day on which a month's delivery is on time."""
    first_of_next = month_end(month) + timedelta(days=1)
    return first_of_next.replace(day=due_day(month))


def last_due_month(today: date) -> str:
    """The newest month whose due day has passed."""
    last = today.replace(day=1) - timedelta(days=1)
    month = f"{last:%Y-%m}"
    if today > due_date(month):
        return month
    return f"{last.replace(day=1) - timedelta(days=1):%Y-%m}"
