"""Alerts by e-mail."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

TIMEOUT_SECONDS = 10
# connection security → its usual port
SECURITY = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True)
class Smtp:
    """A mail server and the recipients."""

    host: str
    port: int
    security: str
    sender: str
    to: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)
    name: str = "smtp"

    def send(self, subject: str, body: str) -> str:
        """Sends one mail to all; returns how many recipients the server refused, or an empty text.

        Raises OSError, SMTPException if nobody gets it.
        """
        mail = EmailMessage()
        mail["Subject"] = subject
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.to)
        mail["Date"] = formatdate(localtime=True)
        mail["Message-ID"] = make_msgid(domain="tf-pipeline.invalid")
        # stops automatic out-of-office replies
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(body)
        with self._connected() as server:
            if self.user:
                server.login(self.user, self.password)
            refused = server.send_message(mail)
        return f"{len(refused)} of {len(self.to)} addresses were refused" if refused else ""

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        if self.security == "starttls":
            try:
                server.starttls(context=ssl.create_default_context())
            except BaseException:
                server.close()
                raise
        return server
