"""Removes Dagster's runs that are older than their declared retention period."""

from collections.abc import Sequence
from datetime import UTC, datetime

import dagster as dg

from tf_pipeline.defs.instance import prepare_home
from tf_pipeline.upkeep.purge_rows import Removed
from tf_pipeline.upkeep.retention import Period


def old_runs(wanted: Sequence[Period], delete: bool) -> list[Removed]:
    """Dagster's runs that began before the period, with their events and their output."""
    prepare_home()
    (period,) = (one for one in wanted if one.kept == "runs")
    before = datetime.strptime(period.first_month, "%Y-%m").replace(tzinfo=UTC)
    counts: dict[str, int] = {}
    with dg.DagsterInstance.get() as instance:
        old = instance.get_run_records(dg.RunsFilter(created_before=before))
        for run in old:
            month = f"{run.create_timestamp:%Y-%m}"
            counts[month] = counts.get(month, 0) + 1
            if delete:
                run_id = run.dagster_run.run_id
                instance.compute_log_manager.delete_logs(prefix=[run_id])
                instance.delete_run(run_id)
    return [Removed("runs", "runs", month, "", count) for month, count in sorted(counts.items())]
