"""The sensor that closes runs whose process is gone."""

import dagster as dg

from tf_pipeline.defs.dead_runs import fail_dead_runs


@dg.sensor(
    name="dead_runs",
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Closes runs whose process is gone, so that those in the queue go on",
)
def dead_runs_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Requests no run; reports how many runs it closed."""
    return dg.SkipReason(f"{fail_dead_runs(context.instance)} closed")
