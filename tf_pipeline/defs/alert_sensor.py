"""Tells a person what is red, missing or old, as soon as the daemon runs and a channel is set."""

from datetime import UTC, datetime

import dagster as dg

from tf_pipeline.errors import UserFacingError

EVERY_SECONDS = 300


class AlertsNotSent(UserFacingError):
    """A channel could not carry what is to be told: the tick is red, the next one tries again."""


@dg.sensor(
    name="alerts",
    minimum_interval_seconds=EVERY_SECONDS,
    # one switch, not two: without a channel in the environment it looks at nothing
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=(
        "Tells by mail or webhook of a gate that shut, a delivery refused, misdirected or missing "
        "after its due day, an old baseline. Off unless TF_ALERT_SMTP or TF_ALERT_WEBHOOK is set"
    ),
)
def alert_sensor(context: dg.SensorEvaluationContext):
    """Sends each alert once; raises AlertsNotSent where some could not be."""
    from tf_pipeline.alerts.channels import channels

    carriers = channels()
    if not carriers:
        return dg.SkipReason("No channel is set: TF_ALERT_SMTP and TF_ALERT_WEBHOOK are empty")
    from tf_pipeline.alerts.send import tell
    from tf_pipeline.warehouse.lock import WarehouseBusy

    try:
        told = tell(carriers, datetime.now(UTC))
    except WarehouseBusy as busy:
        return dg.SkipReason(f"Looked at again at the next tick: {busy}")
    for note in told.notes:
        context.log.warning(note)
    if told.failed:
        said = f"Not all alerts were sent; tried again at the next tick. {'; '.join(told.failed)}"
        context.log.error(said)
        raise AlertsNotSent(said)
    return dg.SkipReason(f"Messages sent: {told.messages}" if told.messages else "Nothing new")
