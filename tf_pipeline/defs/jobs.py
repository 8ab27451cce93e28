"""The two jobs of a month, and when they run.

Two, because a refused delivery must show red and must not keep the baseline from being built of
what stands.
"""

import dagster as dg

from tf_pipeline import paths
from tf_pipeline.authorities import registry
from tf_pipeline.defs.deliveries import GROUP
from tf_pipeline.defs.months import known_months
from tf_pipeline.defs.python_assets import STANDING_KEY
from tf_pipeline.ingest.find import delivered_files
from tf_pipeline.naming import delivery_key

# deliveries are due by the tenth; the load runs before people come in
MONTHLY = "0 6 11 * *"
TIMEZONE = "Europe/London"

_deliveries = dg.AssetSelection.groups(GROUP) - dg.AssetSelection.assets(dg.AssetKey(STANDING_KEY))
deliveries_job = dg.define_asset_job(
    "deliveries",
    selection=_deliveries,
    description="Opens, gates and lands every authority's delivery for a month",
    executor_def=dg.in_process_executor,
)
baseline_job = dg.define_asset_job(
    "baseline",
    selection=dg.AssetSelection.all() - _deliveries,
    description="Builds, gates and publishes the GM baseline of a month from what stands",
    executor_def=dg.in_process_executor,
)


@dg.schedule(
    name="monthly_load",
    cron_schedule=MONTHLY,
    execution_timezone=TIMEZONE,
    job=deliveries_job,
    description="On the 11th: loads what was delivered for the month before",
)
def monthly_load(context: dg.ScheduleEvaluationContext):
    """One run for the month before the tick; the baseline follows it."""
    day = context.scheduled_execution_time
    year, number = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    month = f"{year:04d}-{number:02d}"
    return dg.RunRequest(run_key=month, partition_key=month)


@dg.sensor(
    name="inbox",
    job=deliveries_job,
    minimum_interval_seconds=60,
    description="Loads an authority's delivery when its files arrive or change in the inbox",
)
def inbox_sensor(context: dg.SensorEvaluationContext):
    """One run for each authority and month whose files are new since the last look."""
    requests = []
    for month in known_months():
        for authority in registry.authorities():
            files = delivered_files(paths.inbox_dir() / month / authority)
            if not files:
                continue
            stats = [(f.name, f.stat().st_size, f.stat().st_mtime_ns) for f in files]
            # names, sizes and times: reading every file every minute would be for nothing
            stamp = "-".join(f"{abs(hash_of(stat)):x}" for stat in stats)
            requests.append(
                dg.RunRequest(
                    run_key=f"{month}/{authority}/{stamp}",
                    partition_key=month,
                    asset_selection=[dg.AssetKey(delivery_key(authority))],
                )
            )
    return dg.SensorResult(run_requests=requests) if requests else dg.SkipReason("Nothing new")


def hash_of(stat: tuple[str, int, int]) -> int:
    """A stable number for a file's name, size and time."""
    from zlib import crc32

    return crc32(repr(stat).encode())


def _follow(status: dg.DagsterRunStatus, name: str) -> dg.RunStatusSensorDefinition:
    @dg.run_status_sensor(
        run_status=status,
        name=name,
        monitored_jobs=[deliveries_job],
        request_job=baseline_job,
        description="Builds the baseline after deliveries were loaded, whether all passed or not",
    )
    def follow(context: dg.RunStatusSensorContext):
        month = context.dagster_run.tags.get("dagster/partition")
        if context.dagster_run.tags.get("tf/by") == "cli":
            return dg.SkipReason("The load at the terminal builds its own baseline")
        return dg.RunRequest(run_key=context.dagster_run.run_id, partition_key=month)

    return follow


baseline_after_success = _follow(dg.DagsterRunStatus.SUCCESS, "baseline_after_deliveries")
baseline_after_failure = _follow(dg.DagsterRunStatus.FAILURE, "baseline_after_refusals")

jobs = [deliveries_job, baseline_job]
schedules = [monthly_load]
sensors = [inbox_sensor, baseline_after_success, baseline_after_failure]
