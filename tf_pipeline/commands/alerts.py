"""The command for alerts: shows them, and sends them without the daemon. Thin."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

out = Console(highlight=False)


def alerts(
    send: Annotated[
        bool, typer.Option("--send", help="Send what has not been sent, for example from cron")
    ] = False,
) -> None:
    """Shows the alerts that are due; sends them only with --send.

    An alert reports a gate that failed, a delivery that is refused, has rows of another authority
    or is missing after its due day, or an old baseline. TF_ALERT_SMTP and TF_ALERT_WEBHOOK set the
    channels; each channel sends an alert once. Exit code 0: shown, or sent. 1: no channel is set,
    a load is writing, or an alert could not be sent.
    """
    from tf_pipeline.alerts.channels import AlertSettingsProblem, channels
    from tf_pipeline.alerts.send import tell, waiting

    carriers, now = channels(), datetime.now(UTC)
    if not send:
        due = waiting(carriers, now)
        for message, by in due:
            say(f"{message.subject}  [{', '.join(by) or 'no channel is set'}]")
            say(message.body)
        if not due:
            say("No alert is due.")
        return
    if not carriers:
        raise AlertSettingsProblem("no channel is set; set TF_ALERT_SMTP or TF_ALERT_WEBHOOK")
    outcome = tell(carriers, now)
    for line in (*outcome.notes, *outcome.failed):
        say(line)
    say(f"Messages sent: {outcome.messages}")
    if outcome.failed:
        raise typer.Exit(1)


def say(text: str) -> None:
    """Prints text unchanged, however long."""
    out.print(text, markup=False, soft_wrap=True)


def add_to(app: typer.Typer) -> None:
    """Makes the command known to `tf-pipeline`."""
    app.command()(alerts)
