"""Alerts reach a person: a real mail server and a real hook on this machine, the real sensor."""

import json
import shutil
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.conftest import MONTHS
from tests.support.commands import REPO, run_cli
from tf_pipeline.alerts.channels import channels
from tf_pipeline.alerts.send import tell
from tf_pipeline.authorities import registry

SETTINGS = ("SMTP", "SMTP_SECURITY", "SMTP_USER", "SMTP_PASSWORD", "TO", "FROM", "WEBHOOK")
BEFORE = datetime(2016, 7, 10, 23, tzinfo=UTC)
AFTER = datetime(2016, 7, 11, 6, tzinfo=UTC)


class Mailbox:
    """Keeps what a mail server was given."""

    def __init__(self) -> None:
        self.mails: list = []

    async def handle_DATA(self, _server, _session, envelope):
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


class Hook:
    """A web server that keeps what is posted, and answers as it is told."""

    def __init__(self) -> None:
        self.posted: list[dict] = []
        self.status = 200
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if hook.status == 200:
                    hook.posted.append(json.loads(body))
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook/s3cret"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def data(loaded_copy, monkeypatch) -> Path:
    """The sample loaded, this process pointed at it, and no channel set."""
    monkeypatch.setenv("TF_DATA_DIR", str(loaded_copy))
    monkeypatch.setenv("DAGSTER_HOME", str(loaded_copy / "dagster"))
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    for name in SETTINGS:
        monkeypatch.delenv(f"TF_ALERT_{name}", raising=False)
    return loaded_copy


@pytest.fixture
def hook(monkeypatch) -> Iterator[Hook]:
    one = Hook()
    threading.Thread(target=one.server.serve_forever, daemon=True).start()
    monkeypatch.setenv("TF_ALERT_WEBHOOK", one.url)
    yield one
    one.server.shutdown()
    one.server.server_close()


def mail_to(port: int, monkeypatch, security: str = "none") -> None:
    monkeypatch.setenv("TF_ALERT_SMTP", f"localhost:{port}")
    monkeypatch.setenv("TF_ALERT_SMTP_SECURITY", security)
    monkeypatch.setenv("TF_ALERT_TO", "lead@example.org, engineer@example.org")


def tick():
    """One evaluation of the sensor, as the daemon does it, on the data folder's own instance."""
    import dagster as dg

    from tf_pipeline.definitions import defs

    repository = defs().get_repository_def()
    sensor = repository.get_sensor_def("alerts")
    with (
        dg.DagsterInstance.get() as instance,
        dg.build_sensor_context(instance=instance, repository_def=repository) as context,
    ):
        return sensor.evaluate_tick(context).skip_message


def test_without_a_channel_nobody_is_asked(data, monkeypatch):
    def refuse(*_):
        raise AssertionError("something was connected to")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert "No channel is set" in tick()
    assert not (data / "alerts").exists()


def test_the_sensor_tells_once_by_both_channels_and_a_server_that_was_down_is_told_later(
    data, hook, monkeypatch
):
    from dagster._core.errors import SensorExecutionError

    from tf_pipeline.defs.sensors.alert_sensor import AlertsNotSent

    port = free_port()
    mail_to(port, monkeypatch)
    with pytest.raises((AlertsNotSent, SensorExecutionError)) as caught:
        tick()
    assert "smtp: ConnectionRefusedError" in str(caught.value.__cause__ or caught.value)
    # the sample is of 2016: all are missing and the baseline is old
    missing, old = (one["text"].split("\n")[0] for one in hook.posted)
    assert "nothing was delivered (due" in missing and "(and 9 more)" in missing
    assert old == f"[tf-pipeline] The baseline is old: its newest month is {MONTHS[-1]}"
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        assert tick() == "Messages sent: 2"
        assert tick() == "Nothing new"
    finally:
        server.stop()
    assert len(hook.posted) == 2, "what one channel carried is not carried again for the other"
    assert [mail["Subject"] for mail in box.mails] == [
        one["text"].split("\n")[0] for one in hook.posted
    ]
    mail = box.mails[0]
    assert mail["To"] == "lead@example.org, engineer@example.org"
    assert all(authority in mail.get_content() for authority in registry.authorities())


def test_a_delivery_is_missing_only_after_its_due_day_and_is_told_once(data, hook):
    assert tell(channels(), BEFORE).messages == 0
    assert tell(channels(), AFTER).messages == 1
    assert "nothing was delivered (due 2016-07-10)" in hook.posted[0]["text"]
    assert tell(channels(), AFTER).messages == 0


def test_a_hook_that_answers_with_an_error_is_tried_again(data, hook):
    hook.status = 500
    told = tell(channels(), AFTER)
    assert told.failed == ["webhook: HTTPError 500"] and "s3cret" not in str(told)
    hook.status = 200
    assert tell(channels(), AFTER).messages == 1


@pytest.mark.parametrize("suite", ["published.gm_baseline", "gm.need_prevalence"])
def test_a_gate_that_shuts_is_told_until_it_opens(data, hook, tmp_path, monkeypatch, suite):
    assert tell(channels(), BEFORE).messages == 0
    suites = tmp_path / "expectations"
    shutil.copytree(REPO / "expectations", suites)
    monkeypatch.setenv("TF_EXPECTATIONS", str(suites))
    path = suites / f"{suite}.json"
    kept = path.read_text()
    definition = json.loads(kept)
    rule = {
        "type": "expect_table_row_count_to_be_between",
        "kwargs": {"max_value": 1},
        "id": "00000000-0000-0000-0000-000000000001",
        "severity": "critical",
        "meta": {"why": "A mutation that this data cannot satisfy."},
    }
    if suite.startswith("published"):
        rule["meta"]["dataset"] = "families"
    definition["expectations"].append(rule)
    path.write_text(json.dumps(definition))
    layer = "publication" if suite.startswith("published") else "marts"
    assert not run(layer)
    assert tell(channels(), BEFORE).messages == 1
    (text,) = [one["text"] for one in hook.posted]
    assert text.startswith(f"[tf-pipeline] {MONTHS[-1]}: gate failed on {suite}")
    assert "expect_table_row_count_to_be_between" in text
    assert tell(channels(), BEFORE).messages == 0
    path.write_text(kept)
    assert run(layer)
    assert tell(channels(), BEFORE).messages == 0
    assert json.loads((data / "alerts" / "sent.json").read_text()) == {"webhook": {}}


def run(layer: str) -> bool:
    """Runs one layer of the newest month; whether it passed."""
    import dagster as dg

    from tf_pipeline.definitions import defs

    wanted = {
        "marts": [dg.AssetKey(["gm", "need_prevalence"])],
        "publication": [dg.AssetKey(["published", name]) for name in ("gm_baseline", "gm_shared")],
    }
    with dg.DagsterInstance.get() as instance:
        return (
            defs()
            .resolve_job_def("baseline")
            .execute_in_process(
                instance=instance,
                partition_key=MONTHS[-1],
                raise_on_error=False,
                asset_selection=wanted[layer],
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
            .success
        )


def test_a_fact_across_tables_that_fails_is_told(data, hook):
    from tf_pipeline.warehouse.connect import writer
    from tf_pipeline.warehouse.gate_records import record_fact

    with writer("test") as connection:
        record_fact(connection, MONTHS[-1], "marts", "families_equal_intensity_summary", 3)
    assert tell(channels(), BEFORE).messages == 1
    assert "families_equal_intensity_summary (3 rows)" in hook.posted[0]["text"]


def test_mail_is_sent_over_tls_with_a_login(data, tmp_path, monkeypatch):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    import ssl

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    box, seen = Mailbox(), []

    def login(_server, _session, _envelope, _mechanism, given):
        seen.append((given.login, given.password))
        return AuthResult(success=given.password == b"s3cret", handled=False)

    port = free_port()
    server = Controller(
        box,
        hostname="127.0.0.1",
        port=port,
        tls_context=context,
        require_starttls=True,
        authenticator=login,
        auth_required=True,
    )
    server.start()
    try:
        mail_to(port, monkeypatch, "starttls")
        monkeypatch.setenv("TF_ALERT_SMTP_USER", "tf")
        monkeypatch.setenv("TF_ALERT_SMTP_PASSWORD", "wrong")
        assert tell(channels(), AFTER).failed == ["smtp: SMTPAuthenticationError 535"]
        monkeypatch.setenv("TF_ALERT_SMTP_PASSWORD", "s3cret")
        assert tell(channels(), AFTER).messages == 1
    finally:
        server.stop()
    assert len(box.mails) == 1 and seen[-1] == (b"tf", b"s3cret")


def test_the_command_shows_and_sends_what_is_to_be_told(data, hook):
    shown = run_cli(data, "alerts", TF_ALERT_WEBHOOK=hook.url)
    assert shown.code == 0 and "[webhook]" in shown.output, shown.output
    assert hook.posted == [] and "s3cret" not in shown.output
    sent = run_cli(data, "alerts", "--send", TF_ALERT_WEBHOOK=hook.url)
    assert sent.code == 0 and "Messages sent: 2" in sent.output, sent.output
    assert len(hook.posted) == 2
    again = run_cli(data, "alerts", TF_ALERT_WEBHOOK=hook.url)
    assert "No alert is due" in again.output
    unset = run_cli(data, "alerts", "--send", TF_ALERT_WEBHOOK="")
    assert unset.code == 1 and "TF_ALERT_SMTP" in unset.output
