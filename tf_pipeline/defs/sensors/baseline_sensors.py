"""The sensors that build the baseline after deliveries were loaded: one for each way it ended."""

import dagster as dg

from tf_pipeline.defs.jobs import baseline_job, deliveries_job
from tf_pipeline.defs.partitions import show_months
from tf_pipeline.defs.run_tags import is_by_terminal
from tf_pipeline.releases.queries import latest_releases


def _follow(status: dg.DagsterRunStatus, name: str) -> dg.RunStatusSensorDefinition:
    @dg.run_status_sensor(
        run_status=status,
        name=name,
        monitored_jobs=[deliveries_job],
        request_job=baseline_job,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Builds the baseline after deliveries were loaded, whether all passed or not",
    )
    def follow(context: dg.RunStatusSensorContext):
        run = context.dagster_run
        month = run.tags.get("dagster/partition")
        if is_by_terminal(run):
            return dg.SkipReason("The load at the terminal builds its own baseline")
        died = status is dg.DagsterRunStatus.FAILURE
        if died and run.tags.get("dagster/will_retry") == "true":
            return dg.SkipReason("It is done again; the baseline follows that run")
        if month is None:
            return dg.SkipReason("The run was not about a month")
        # later months depend on this one: the delivery they carry forward may have changed
        later = [m for m in latest_releases() if m > month]
        show_months(context.instance, later)
        return [
            dg.RunRequest(run_key=f"{run.run_id}/{m}", partition_key=m)
            for m in [month, *sorted(later)]
        ]

    return follow


baseline_sensors = [
    _follow(dg.DagsterRunStatus.SUCCESS, "baseline_after_deliveries"),
    _follow(dg.DagsterRunStatus.FAILURE, "baseline_after_refusals"),
]
