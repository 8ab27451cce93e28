"""The monthly load: it starts the day after deliveries are due."""

from datetime import date

import dagster as dg

from tf_pipeline.defs.jobs import deliveries_job
from tf_pipeline.defs.partitions import NAME, show_months
from tf_pipeline.known_months import known_months
from tf_pipeline.rules.due import due_day

# before office hours
EVERY_MORNING = "0 6 * * *"
TIMEZONE = "Europe/London"
# if the newest month is at most this old, the system is live and expects the next month
LIVE_WITHIN_MONTHS = 3


@dg.schedule(
    name="monthly_load",
    cron_schedule=EVERY_MORNING,
    execution_timezone=TIMEZONE,
    job=deliveries_job,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="The day after deliveries are due: loads what came for the month before",
)
def monthly_load(context: dg.ScheduleEvaluationContext):
    """One run for the month before the tick; the baseline is built after it."""
    day = context.scheduled_execution_time
    month = _month_before(day.date())
    due = due_day(month)
    if day.day != due + 1:
        return dg.SkipReason(f"Deliveries are due on day {due}; the load runs the day after")
    known = {*context.instance.get_dynamic_partitions(NAME), *known_months()}
    if known and month not in known and _age(max(known), day.date()) > LIVE_WITHIN_MONTHS:
        return dg.SkipReason(f"{month} is not among the months of this system")
    show_months(context.instance, [month])
    return dg.RunRequest(run_key=month, partition_key=month)


def _month_before(day: date) -> str:
    year, number = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    return f"{year:04d}-{number:02d}"


def _age(month: str, day: date) -> int:
    """The number of months from a month to a day."""
    return (day.year - int(month[:4])) * 12 + day.month - int(month[5:])
