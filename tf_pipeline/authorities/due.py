"""When a month's deliveries are due, by GM's declaration, and when a baseline counts as old."""

from datetime import date, timedelta

from tf_pipeline.authorities.crosswalks import in_force, seed
from tf_pipeline.naming import month_end

WHOLE, TOPIC, SUBJECT, DEFAULT_DAY = "gm", "delivery_due_day", "delivery", 10
# a month is due after it ends; two without a release means that nobody is looking
STALE_AFTER = timedelta(days=62)
LATE_AFTER = timedelta(days=45)


def due_day(month: str) -> int:
    """Day of the month after, by whose end a month is due: GM's declaration in force then."""
    rows = in_force(seed("declarations/authority_declarations.csv"), month)
    found = rows.filter(authority=WHOLE, topic=TOPIC, subject=SUBJECT)["value"].to_list()
    return int(found[0]) if found else DEFAULT_DAY


def due_date(month: str) -> date:
    """Last day on which a month's delivery is in time."""
    first_of_next = month_end(month) + timedelta(days=1)
    return first_of_next.replace(day=due_day(month))


def last_due_month(today: date) -> str:
    """The newest month whose due day has passed."""
    last = today.replace(day=1) - timedelta(days=1)
    month = f"{last:%Y-%m}"
    if today > due_date(month):
        return month
    return f"{last.replace(day=1) - timedelta(days=1):%Y-%m}"
