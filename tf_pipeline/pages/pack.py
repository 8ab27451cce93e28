"""What one authority should fix in one month: tasks by rule, who must act, and the trend.

Belongs here: grouping lines into tasks and comparing two months.
Does not belong here: where lines come from (`pack_release.py`, a check), how a pack looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tf_pipeline.findings import Finding
from tf_pipeline.vocabulary import GateOutcome, Outcome, Severity

FIRST, NEW, FEWER, SAME, MORE = "no earlier month", "new", "fewer", "same", "more"
GONE, NOT_JUDGED = "gone", "not validated this month"
# number of places per task on the page; the workbook's second sheet has all of them
PLACES_SHOWN = 5
VOWELS = set("aeiouy")


@dataclass(frozen=True)
class DatasetLine:
    """The result for one dataset of the delivery."""

    dataset: str
    file_name: str | None
    delivered: int
    accepted: int
    set_aside: int
    reason: str | None = None


@dataclass(frozen=True)
class Task:
    """All lines of one rule that one party must fix; counts are occurrences.

    `before` is last month's count, or None if there is no month to compare with.
    """

    rule: str
    severity: Severity
    who: str
    count: int
    before: int | None
    trend: str
    lines: Sequence[Finding]

    @property
    def message(self) -> str:
        """What is wrong and what is accepted: the message of the first line."""
        return self.lines[0].message

    @property
    def places(self) -> list[str]:
        """The first places, with the line's own message if it differs from the task's."""
        return [
            ": ".join(
                part for part in (one.place(), one.message * (one.message != self.message)) if part
            )
            for one in self.lines[:PLACES_SHOWN]
            if one.place() or one.message != self.message
        ]

    @property
    def more_places(self) -> int:
        """How many lines the page does not show."""
        return max(len(self.lines) - PLACES_SHOWN, 0)


@dataclass(frozen=True)
class Pack:
    """One authority's fix pack of one month."""

    authority: str
    month: str
    outcome: Outcome
    as_of_month: str | None
    reason: str | None
    datasets: Sequence[DatasetLine]
    tasks: Sequence[Task]
    lines: Sequence[Finding]
    gone: Sequence[Task] = ()
    month_before: str | None = None
    gate: str | None = None
    notes: Sequence[str] = ()
    # a check at the authority's own desk: nothing was delivered, and nothing depends on it
    is_check: bool = False


def tasks_of(lines: Sequence[Finding], before: Sequence[Finding] | None) -> list[Task]:
    """This month's tasks, critical ones first, then by size; `before` is last month's lines."""
    earlier = _grouped(before or [])
    found = []
    for key, group in _grouped(lines).items():
        count = _count(group)
        was = None if before is None else _count(earlier.get(key, []))
        found.append(_task(key, group, count, was, _trend(count, was)))
    return sorted(found, key=lambda t: (_rank(t.severity), -t.count, t.rule, t.who))


def gone_of(
    lines: Sequence[Finding], before: Sequence[Finding] | None, is_judged: bool
) -> list[Task]:
    """Last month's tasks that are absent now; `gone` only if this month could be validated."""
    now = _grouped(lines)
    return [
        _task(key, group, 0, _count(group), GONE if is_judged else NOT_JUDGED)
        for key, group in _grouped(before or []).items()
        if key not in now
    ]


def gate_in_words(outcome: str, rules: int, failed: int, rows: int, said: str | None) -> str:
    """A gate's outcome and counts; `said` names the rules with failing rows."""
    counted = f"{GateOutcome(outcome).in_words}: {rules} rules, {failed} failed, {rows:,} rows"
    return f"{counted}. {said}" if said else counted


def who_acts(responsible: str, authority: str) -> str:
    """The name of a party for a reader: the authority, GM, or an organisation."""
    if responsible == "authority":
        return f"{authority}, the authority"
    # a word without a vowel is an abbreviation: gm, gp, dwp, x
    words = [w if VOWELS & set(w) else w.upper() for w in responsible.split("_")]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def _grouped(lines: Sequence[Finding]) -> dict[tuple[str, str], list[Finding]]:
    groups: dict[tuple[str, str], list[Finding]] = {}
    for one in lines:
        groups.setdefault((one.rule, one.responsible), []).append(one)
    return groups


def _task(
    key: tuple[str, str], lines: Sequence[Finding], count: int, before: int | None, trend: str
) -> Task:
    ordered = sorted(lines, key=lambda one: (_rank(one.severity), -one.occurrences))
    return Task(key[0], Severity(ordered[0].severity), key[1], count, before, trend, ordered)


def _trend(count: int, before: int | None) -> str:
    if before is None:
        return FIRST
    if before == 0:
        return NEW
    return SAME if count == before else MORE if count > before else FEWER


def _count(lines: Sequence[Finding]) -> int:
    return sum(one.occurrences for one in lines)


def _rank(severity: str) -> int:
    return list(Severity).index(Severity(severity))
