"""Alerts a person to what is red, missing or old, if the daemon runs and a channel is set."""

from datetime import UTC, datetime

import dagster as dg

from tf_pipeline.errors import UserFacingError

EVERY_SECONDS = 300


class AlertsNotSent(UserFacingError):
    """A channel could not send an alert: this tick is red, and the next one tries again."""


@dg.sensor(
    name="alerts",
    minimum_interval_seconds=EVERY_SECONDS,
    # always on: setting a channel in the environment is the only switch
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=(
        "Tells by mail or webhook of a gate that shut, a delivery refused, misdirected or missing "
        "after its due day, an old baseline. Off unless TF_ALERT_SMTP or TF_ALERT_WEBHOOK is set"
    ),
)
def alert_sensor(context: dg.SensorEvaluationContext):
    """Sends each alert once; raises AlertsNotSent if one could not be sent."""
    from tf_pipeline.alerts.channels import channels

    carriers = channels()
    if not carriers:
        return dg.SkipReason("No channel is set: TF_ALERT_SMTP and TF_ALERT_WEBHOOK are empty")
    from tf_pipeline.alerts.send import tell
    from tf_pipeline.warehouse.lock import WarehouseBusy

    try:
        outcome = tell(carriers, datetime.now(UTC))
    except WarehouseBusy as busy:
        return dg.SkipReason(f"Looked at again at the next tick: {busy}")
    for note in outcome.notes:
        context.log.warning(note)
    if outcome.failed:
        message = (
            f"Not all alerts were sent; tried again at the next tick. {'; '.join(outcome.failed)}"
        )
        context.log.error(message)
        raise AlertsNotSent(message)
    return dg.SkipReason(
        f"Messages sent: {outcome.messages}" if outcome.messages else "Nothing new"
    )
