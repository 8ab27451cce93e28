"""The months there are: from configuration, the inbox and what was loaded before."""

import os
from datetime import date, timedelta

import dagster as dg

from tf_pipeline import paths
from tf_pipeline.defs.remembered import LOADING, remembered_months
from tf_pipeline.naming import is_month

# a live system's newest month is this fresh; then the partitions stay open to the calendar
LIVE_WITHIN_MONTHS = 3


def known_months() -> list[str]:
    """Months that the inbox holds or that were asked for before; never empty."""
    seen = {path.name for path in paths.inbox_dir().glob("*") if is_month(path.name)}
    seen |= set(remembered_months())
    seen |= {month for month in os.environ.get(LOADING, "").split() if is_month(month)}
    last_month = date.today().replace(day=1) - timedelta(days=1)
    return sorted(seen) or [f"{last_month:%Y-%m}"]


def monthly_partitions() -> dg.MonthlyPartitionsDefinition:
    """Partitions `YYYY-MM`, from TF_FIRST_MONTH to TF_LAST_MONTH (default: the months known)."""
    months = known_months()
    first = os.environ.get("TF_FIRST_MONTH") or months[0]
    last = os.environ.get("TF_LAST_MONTH") or months[-1]
    today = date.today()
    age = (today.year - int(last[:4])) * 12 + today.month - int(last[5:])
    if age <= LIVE_WITHIN_MONTHS:
        # the month that is running counts too: deliveries arrive before it ends
        return dg.MonthlyPartitionsDefinition(start_date=first, fmt="%Y-%m", end_offset=1)
    year, number = int(last[:4]), int(last[5:])
    end = f"{year + number // 12:04d}-{number % 12 + 1:02d}"
    return dg.MonthlyPartitionsDefinition(start_date=first, end_date=end, fmt="%Y-%m")


# fixed while the code location is loaded: a month that comes later needs "Reload definitions"
PARTITIONS = monthly_partitions()
