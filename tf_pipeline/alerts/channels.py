"""The channels switched on by environment variables; the default is none."""

import os
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from tf_pipeline.alerts.smtp import SECURITY, Smtp
from tf_pipeline.alerts.webhook import Webhook
from tf_pipeline.errors import UserFacingError


class AlertSettingsProblem(UserFacingError):
    """A channel's settings are incomplete; the message names the variable but no secret."""


class Channel(Protocol):
    """Carries a message to a person."""

    @property
    def name(self) -> str:
        """Its name in the record of sent alerts."""

    def send(self, subject: str, body: str) -> str:
        """Sends the message; returns a note, or an empty text.

        Raises OSError, SMTPException, HTTPException.
        """


def channels(settings: Mapping[str, str] = os.environ) -> list[Channel]:
    """The channels that are switched on: TF_ALERT_SMTP, TF_ALERT_WEBHOOK, both or none.

    Raises AlertSettingsProblem.
    """
    found: list[Channel] = []
    if server := settings.get("TF_ALERT_SMTP"):
        found.append(_smtp(server, settings))
    if url := settings.get("TF_ALERT_WEBHOOK"):
        # the message does not quote the address: anyone who knows it may post there
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise AlertSettingsProblem(
                "TF_ALERT_WEBHOOK is not an address; expected one that begins with https://"
            )
        found.append(Webhook(url))
    return found


def _smtp(server: str, settings: Mapping[str, str]) -> Smtp:
    to = [one.strip() for one in settings.get("TF_ALERT_TO", "").split(",") if one.strip()]
    if not to or not all("@" in one for one in to):
        raise AlertSettingsProblem(
            "TF_ALERT_SMTP is set but TF_ALERT_TO is not; expected addresses separated by commas"
        )
    security = settings.get("TF_ALERT_SMTP_SECURITY", "starttls")
    if security not in SECURITY:
        raise AlertSettingsProblem(
            f"TF_ALERT_SMTP_SECURITY is '{security}'; expected one of {', '.join(SECURITY)}"
        )
    host, _, port = server.partition(":")
    if not host or not (port or "587").isdigit():
        raise AlertSettingsProblem(
            "TF_ALERT_SMTP is not a server; expected host:port, such as mail.example.org:587"
        )
    user = settings.get("TF_ALERT_SMTP_USER", "")
    if user and security == "none":
        raise AlertSettingsProblem(
            "TF_ALERT_SMTP_USER would send its password unencrypted; set TF_ALERT_SMTP_SECURITY "
            "to starttls or tls"
        )
    return Smtp(
        host,
        int(port or SECURITY[security]),
        security,
        settings.get("TF_ALERT_FROM") or to[0],
        tuple(to),
        user,
        settings.get("TF_ALERT_SMTP_PASSWORD", ""),
    )
