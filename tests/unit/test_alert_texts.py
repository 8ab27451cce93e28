"""Alerts: what is told of a state, when it is due, and that half a setting is refused."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tf_pipeline.alerts.alert import alerts
from tf_pipeline.alerts.channels import AlertSettingsProblem, channels
from tf_pipeline.alerts.send import to_send
from tf_pipeline.alerts.sent import Sent
from tf_pipeline.alerts.state import Gate, Misdirected, Refusal, State
from tf_pipeline.rules.due import due_date, last_due_month

TWO = ("la01", "la02")
NOW = datetime(2016, 7, 11, 6, tzinfo=UTC)
GATE = Gate("2016-05", "gm.families", "failed", "not_null (2 of 9)")


def kinds(state: State, today: date) -> list[tuple[str, str, str]]:
    return [(one.kind, one.authority, one.month) for one in alerts(state, today)]


def test_a_month_is_due_by_the_end_of_its_declared_day():
    assert due_date("2016-12") == date(2017, 1, 10)
    assert last_due_month(date(2017, 1, 10)) == "2016-11"
    assert last_due_month(date(2017, 1, 11)) == "2016-12"


def test_a_delivery_is_missing_from_the_day_after_unless_it_came_however_it_ended():
    state = State(TWO, came=frozenset({("2016-05", "la01"), ("2016-05", "la02")}))
    assert kinds(state, date(2016, 7, 10)) == []
    assert kinds(state, date(2016, 7, 11)) == [
        ("missing", "la01", "2016-06"),
        ("missing", "la02", "2016-06"),
    ]
    came = State(TWO, came=state.came | {("2016-06", "la02")}, accepted={"la01": "2016-05"})
    (missing,) = alerts(came, date(2016, 7, 11))
    assert missing.authority == "la01"
    assert "due 2016-07-10" in missing.subject and "delivery of 2016-05 is current" in missing.body


def test_files_that_nobody_took_are_not_called_missing():
    state = State(("la01",), came=frozenset({("2016-05", "la01")}), in_inbox=frozenset({"la01"}))
    (alert,) = alerts(state, date(2016, 7, 11))
    assert "files are in the inbox" in alert.subject


def test_before_anything_was_ever_loaded_nothing_is_missing():
    assert alerts(State(TWO), date(2016, 7, 11)) == []


def test_a_baseline_is_old_when_nobody_can_have_looked():
    state = State(published="2016-05")
    assert kinds(state, date(2016, 8, 1)) == []
    assert kinds(state, date(2016, 8, 2)) == [("stale", "gm", "2016-05")]


def test_gates_of_a_month_are_told_together_and_another_failure_is_another_alert():
    (one,) = alerts(State(gates=(GATE, Gate("2016-05", "gm.people", "failed", ""))), NOW.date())
    assert "gm.families" in one.subject and "gm.people" in one.subject
    assert "not_null (2 of 9)" in one.body
    (same,) = alerts(State(gates=(GATE,)), NOW.date())
    (worse,) = alerts(State(gates=(Gate("2016-05", "gm.families", "failed", "x"),)), NOW.date())
    assert len({one.key, same.key, worse.key}) == 3


def test_a_refusal_names_rules_and_a_breach_comes_first_and_alone():
    state = State(
        refusals=(
            Refusal("2016-05", "la01", "held", "HALF_ROWS", "sha"),
            Refusal("2016-05", "la02", "rejected", "FILE_EMPTY", "sha"),
        ),
        misdirected=(
            Misdirected("2016-05", "la01", "families", "f.csv", 3, "sha"),
            Misdirected("2016-05", "la01", "people", "p.csv", 7, "sha"),
            Misdirected("2016-05", "la02", "people", "q.csv", 1, "sha"),
        ),
    )
    found = alerts(state, NOW.date())
    messages = to_send(found, Sent({}), "smtp", NOW)
    assert [len(one.alerts) for one in messages] == [1, 1, 2]
    assert "p.csv, people: 7 rows" in messages[0].body
    assert "Art. 33 gives 72 hours" in messages[0].body
    assert "HALF_ROWS" in messages[2].body and "(and 1 more)" in messages[2].subject


def test_what_still_stands_is_told_again_after_a_week_but_never_a_breach(monkeypatch):
    state = State(gates=(GATE,), misdirected=(Misdirected("2016-05", "la01", "p", "f", 1, "s"),))
    found = alerts(state, NOW.date())
    record = Sent({"smtp": {one.key: NOW.isoformat() for one in found}})
    assert to_send(found, record, "smtp", NOW + timedelta(days=6)) == []
    (again,) = to_send(found, record, "smtp", NOW + timedelta(days=7))
    assert again.subject.startswith("[tf-pipeline] Reminder: 2016-05: gate failed")
    assert len(to_send(found, record, "webhook", NOW)) == 2, "another channel has told nothing"
    monkeypatch.setenv("TF_ALERT_REMIND_DAYS", "0")
    assert to_send(found, record, "smtp", NOW + timedelta(days=99)) == []


SMTP = {"TF_ALERT_SMTP": "mail.example.org:2525", "TF_ALERT_TO": "lead@example.org"}


def test_no_channel_is_on_unless_somebody_says_so():
    assert channels({}) == []
    (mail,) = channels(SMTP)
    assert (mail.name, mail.port, mail.security) == ("smtp", 2525, "starttls")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"TF_ALERT_SMTP": "mail.example.org"}, "TF_ALERT_TO"),
        (SMTP | {"TF_ALERT_SMTP_SECURITY": "maybe"}, "starttls, tls, none"),
        (SMTP | {"TF_ALERT_SMTP": "mail.example.org:smtp"}, "host:port"),
        (SMTP | {"TF_ALERT_SMTP_SECURITY": "none", "TF_ALERT_SMTP_USER": "me"}, "unencrypted"),
        ({"TF_ALERT_WEBHOOK": "hooks.example.org/s3cret"}, "https://"),
        ({"TF_ALERT_WEBHOOK": "file:///etc/passwd"}, "https://"),
    ],
)
def test_half_a_setting_is_refused_without_its_secret(settings, said):
    with pytest.raises(AlertSettingsProblem) as caught:
        channels(settings)
    assert said in str(caught.value) and "s3cret" not in str(caught.value)


def test_no_secret_is_shown():
    shown = repr(
        channels(
            SMTP
            | {"TF_ALERT_SMTP_USER": "me", "TF_ALERT_SMTP_PASSWORD": "s3cret"}
            | {"TF_ALERT_WEBHOOK": "https://hooks.example.org/s3cret"}
        )
    )
    assert "s3cret" not in shown
