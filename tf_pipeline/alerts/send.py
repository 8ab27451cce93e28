"""Sends each alert once through each channel, and again later if the problem remains."""

import os
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException
from itertools import groupby
from urllib.error import HTTPError

from tf_pipeline.alerts.alert import BREACH, Alert, alerts
from tf_pipeline.alerts.channels import AlertSettingsProblem, Channel
from tf_pipeline.alerts.sent import Sent, read_sent, sent
from tf_pipeline.alerts.state import read_state

REMIND_DAYS = "7"


@dataclass(frozen=True)
class Message:
    """One message: alerts of one kind and month; a possible breach has its own message."""

    alerts: tuple[Alert, ...]
    is_reminder: bool

    @property
    def subject(self) -> str:
        """The first alert's subject, and the number of further alerts."""
        more = f" (and {len(self.alerts) - 1} more)" if len(self.alerts) > 1 else ""
        again = "Reminder: " if self.is_reminder else ""
        return f"[tf-pipeline] {again}{self.alerts[0].subject}{more}"

    @property
    def body(self) -> str:
        """Each alert's subject and body."""
        return "\n\n".join(f"{one.subject}\n{one.body}" for one in self.alerts) + "\n"


@dataclass
class Told:
    """The result of sending; `failed` gives the reason by channel, without address or secret."""

    messages: int = 0
    notes: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def to_send(found: Sequence[Alert], record: Sent, channel: str, now: datetime) -> list[Message]:
    """Messages that a channel has not sent yet, and reminders that are due."""
    remind = _remind_after()
    due: list[tuple[Alert, bool]] = []
    for one in found:
        when = record.when(channel, one.key)
        # no reminder of a breach: people handle it after the first message
        again = bool(when and remind and one.kind != BREACH and now - when >= remind)
        if when is None or again:
            due.append((one, again))
    groups = groupby(
        due, lambda d: (d[1], d[0].kind, d[0].month, d[0].authority if d[0].kind == BREACH else "")
    )
    return [
        Message(tuple(one for one, _ in group), is_reminder) for (is_reminder, *_), group in groups
    ]


def waiting(carriers: Sequence[Channel], now: datetime) -> list[tuple[Message, list[str]]]:
    """Messages that would be sent now, with their channels; all messages if no channel is on."""
    found = alerts(read_state(now.date()), now.date())
    record = read_sent()
    by: dict[Message, list[str]] = {}
    for name in [channel.name for channel in carriers] or [""]:
        for message in to_send(found, record, name, now):
            by.setdefault(message, []).extend([name] if name else [])
    return list(by.items())


def tell(carriers: Sequence[Channel], now: datetime) -> Told:
    """Sends all due messages; a message that a channel cannot send is due again next time.

    Raises WarehouseBusy, AlertSettingsProblem; then nothing was sent.
    """
    found = alerts(read_state(now.date()), now.date())
    outcome = Told()
    with sent() as record:
        record.keep(one.key for one in found)
        for channel in carriers:
            for message in to_send(found, record, channel.name, now):
                try:
                    note = channel.send(message.subject, message.body)
                except (OSError, smtplib.SMTPException, HTTPException) as error:
                    outcome.failed.append(f"{channel.name}: {_why(error)}")
                    # the next message would wait for the same server
                    break
                record.add(channel.name, (one.key for one in message.alerts), now)
                outcome.messages += 1
                if note:
                    outcome.notes.append(f"{channel.name}: {note}")
    return outcome


def _remind_after() -> timedelta | None:
    text = os.environ.get("TF_ALERT_REMIND_DAYS", REMIND_DAYS)
    if not text.isdigit():
        raise AlertSettingsProblem(
            f"TF_ALERT_REMIND_DAYS is '{text}'; expected a number of days, or 0 for never"
        )
    return timedelta(days=int(text)) or None


def _why(error: Exception) -> str:
    """The kind of error and its code, because a server's own message may quote an address."""
    code = error.code if isinstance(error, HTTPError) else getattr(error, "smtp_code", None)
    cause = getattr(error, "reason", None)
    kind = type(cause).__name__ if isinstance(cause, OSError) else type(error).__name__
    return f"{kind} {code}" if code else kind
