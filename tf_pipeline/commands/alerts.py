"""The command for alerts: shows what is due, and sends it without the daemon. Thin."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

out = Console(highlight=False)


def alerts(
    send: Annotated[
        bool, typer.Option("--send", help="Send what has not been sent; for cron, say")
    ] = False,
) -> None:
    """Shows what a person would be told now; sends nothing unless --send.

    A gate that shut, a delivery refused, misdirected or missing after its due day, an old
    baseline. Channels are set by TF_ALERT_SMTP and TF_ALERT_WEBHOOK; each carries an alert once.
    Exit code 0: shown, or sent. 1: no channel is set, a load is writing, or not all was sent.
    """
    from tf_pipeline.alerts.channels import AlertSettingsProblem, channels
    from tf_pipeline.alerts.send import tell, waiting

    carriers, now = channels(), datetime.now(UTC)
    if not send:
        found = waiting(carriers, now)
        for message, by in found:
            say(f"{message.subject}  [{', '.join(by) or 'no channel is set'}]")
            say(message.body)
        if not found:
            say("There is nothing to tell that was not told.")
        return
    if not carriers:
        raise AlertSettingsProblem("no channel is set: give TF_ALERT_SMTP or TF_ALERT_WEBHOOK")
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
