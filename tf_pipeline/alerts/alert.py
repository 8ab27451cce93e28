"""The texts of alerts: no personal values, only names, counts and where to look."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import groupby

from tf_pipeline import paths
from tf_pipeline.alerts.state import Misdirected, Refusal, State
from tf_pipeline.calendar import month_end
from tf_pipeline.rules.due import STALE_AFTER, due_date, last_due_month

GATE, REFUSED, MISSING, STALE = "gate", "refused", "missing", "stale"
BREACH = "misdirected"
WHOLE = "gm"


@dataclass(frozen=True)
class Alert:
    """One alert; the same problem keeps the same key as long as it exists."""

    kind: str
    authority: str
    month: str
    subject: str
    body: str
    key: str


def alerts(state: State, today: date) -> list[Alert]:
    """All alerts of a day; a possible breach comes first."""
    return [
        *(_breach(authority, month, list(rows)) for (month, authority), rows in _by_file(state)),
        *_gates(state),
        *map(_refused, state.refusals),
        *_missing(state, today),
        *_stale(state, today),
    ]


def _by_file(state: State) -> Iterator:
    return groupby(state.misdirected, lambda one: (one.month, one.authority))


def _breach(authority: str, month: str, rows: list[Misdirected]) -> Alert:
    where = "\n".join(f"- {one.file_name}, {one.dataset}: {one.rows} rows" for one in rows)
    body = f"""The delivery of {authority} for {month} holds rows of families \
of another authority:
{where}
They were set aside and are in no published table. This may be a personal data breach. UK GDPR \
Art. 33 gives 72 hours to report it, from the moment that somebody is aware of it.

Report it to the data protection officer of {authority}, which sent the rows, and to GM's own \
officer. Give them the file, the counts above, the time of delivery and who has opened the file. \
Do not share the file or its rows. Leave the file where it is until they decide what to do with it.
{_look(authority, month)}"""
    subject = f"{authority} {month}: rows of another authority, a possible personal data breach"
    return Alert(BREACH, authority, month, subject, body, _key(BREACH, month, authority, rows))


def _gates(state: State) -> Iterator[Alert]:
    for month, group in groupby(state.gates, lambda gate: gate.month):
        failed = list(group)
        names = ", ".join(gate.name for gate in failed)
        lines = "\n".join(
            f"- {gate.name}: {gate.outcome.replace('_', ' ')}. {gate.failed_rules}".rstrip()
            for gate in failed
        )
        body = f"""The load of {month} stopped here and published nothing. The release published \
before stays current.
{lines}
Look at: {paths.gate_pages_dir() / "index.html"}, or tf-pipeline status."""
        subject = f"{month}: gate failed on {names}"
        yield Alert(GATE, WHOLE, month, subject, body, _key(GATE, month, WHOLE, failed))


def _refused(refusal: Refusal) -> Alert:
    body = f"""The delivery of {refusal.authority} for {refusal.month} was {refusal.outcome}, \
because of: {refusal.rules}. Its last accepted delivery stays current.
{_look(refusal.authority, refusal.month)}"""
    subject = f"{refusal.authority} {refusal.month}: delivery {refusal.outcome}"
    key = _key(REFUSED, refusal.month, refusal.authority, refusal)
    return Alert(REFUSED, refusal.authority, refusal.month, subject, body, key)


def _missing(state: State, today: date) -> Iterator[Alert]:
    """Missing deliveries of the newest due month; older months had their alerts earlier."""
    month = last_due_month(today)
    if not state.came or month < min(state.came)[0]:
        return
    for authority in state.authorities:
        if (month, authority) in state.came:
            continue
        last = state.accepted.get(authority)
        current = f"The delivery of {last} is current" if last else "It has no accepted delivery"
        what = "nothing was delivered"
        todo = f"Expected: its files in {paths.inbox_dir() / month / authority}"
        if authority in state.in_inbox:
            what = "its files are in the inbox, but no load has ingested them"
            todo = f"To ingest them: tf-pipeline load {month}. Check too whether the daemon runs"
        subject = f"{authority} {month}: {what} (due {due_date(month)})"
        body = f"{current}. {todo}."
        key = _key(MISSING, month, authority, what)
        yield Alert(MISSING, authority, month, subject, body, key)


def _stale(state: State, today: date) -> Iterator[Alert]:
    newest = state.published
    if newest is None or today - month_end(newest) <= STALE_AFTER:
        return
    body = (
        f"The newest published month is {newest}, which ended more than {STALE_AFTER.days} days "
        f"ago. Analysts may not know that the figures are this old. {last_due_month(today)} is "
        "due. Look at tf-pipeline status, and check whether the daemon runs."
    )
    yield Alert(
        STALE, WHOLE, newest, f"The baseline is old: its newest month is {newest}", body,
        _key(STALE, newest, WHOLE, ""),
    )  # fmt: skip


def _look(authority: str, month: str) -> str:
    pack = paths.packs_dir() / month / authority / "fix-pack.html"
    places = [pack] if pack.exists() else []
    places += [paths.quarantine_dir() / month / authority] if _waits(authority, month) else []
    return f"Look at: {', '.join(map(str, places)) or 'tf-pipeline status'}"


def _waits(authority: str, month: str) -> bool:
    return (paths.quarantine_dir() / month / authority).exists()


def _key(kind: str, month: str, authority: str, what: object) -> str:
    return f"{kind}/{month}/{authority}/{sha256(repr(what).encode()).hexdigest()[:12]}"
