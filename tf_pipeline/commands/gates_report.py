"""Shows gates at the terminal: their four outcomes, and which outcomes would change."""

from collections.abc import Sequence

from rich.console import Console

from tf_pipeline.preview.thresholds import Redecision
from tf_pipeline.quality.gate_result import RuleResult, describe_found
from tf_pipeline.quality.redecide import stored_rule
from tf_pipeline.releases.queries import GateLine, months_mapped_otherwise
from tf_pipeline.vocabulary import GateOutcome, Outcome
from tf_pipeline.warehouse.gate_records import StoredGate

# worst first
OUTCOMES = tuple(reversed(GateOutcome))
STYLE = {"could_not_run": "magenta", "failed": "red", "passed_with_failures": "yellow"}
RULES_SHOWN = 20


def show_gates(out: Console, gates: Sequence[StoredGate]) -> None:
    """Gates of one month by outcome, with rules and counts of those that did not fully pass."""
    _say(out, f"Gates of {gates[0].month}")
    for outcome in OUTCOMES:
        those = [gate for gate in gates if gate.outcome == outcome]
        if not those:
            continue
        title = f"{outcome.in_words}: {_number(len(those), 'gate')}"
        out.print(title.capitalize(), style=f"bold {STYLE.get(outcome, 'green')}")
        if outcome == GateOutcome.PASSED:
            _say(out, "  " + ", ".join(gate.gate for gate in those))
            continue
        for gate in those:
            _say(out, f"  {gate.gate}, {_number(len(gate.rules), 'rule')}")
            _rules(out, [rule for rule in map(stored_rule, gate.rules) if _is_to_show(rule)])


def show_gate_lines(out: Console, lines: Sequence[GateLine]) -> None:
    """The number of gates of a month by outcome, then those that did not fully pass."""
    if not lines:
        return
    counts = {o: sum(line.outcome == o for line in lines) for o in GateOutcome}
    counted = ", ".join(f"{n} {o.in_words}" for o, n in counts.items() if n)
    _say(out, f"Gates of {lines[0].month}: {counted}.")
    for line in sorted(lines, key=lambda line: OUTCOMES.index(GateOutcome(line.outcome))):
        if line.outcome != GateOutcome.PASSED:
            rules = f": {line.rules}" if line.rules else ""
            _say(out, f"  {line.gate} {GateOutcome(line.outcome).in_words}{rules}")


def show_decided_again(out: Console, found: Sequence[Redecision]) -> None:
    """Which outcomes would change, what must run again, and how to apply the change."""
    months = sorted({one.gate.month for one in found})
    counted = _number(len(found), "gate")
    _say(out, f"Stored counts of {counted} ({', '.join(months)}), decided by today's suites:")
    for one in found:
        if one.changes:
            _gate(out, one)
    same = [one for one in found if not one.changes]
    _say(out, f"{_number(len(same), 'gate')} would not change.")
    for outcome in (Outcome.ACCEPTED, Outcome.HELD, Outcome.REJECTED):
        those = [one.gate for one in found if one.changes and one.delivery_now is outcome]
        if those:
            named = ", ".join(f"{gate.authority} {gate.month}" for gate in those)
            _say(out, f"Deliveries that would be {outcome}: {named}.")
    _say(out, "Nothing was run and nothing was changed.")
    changed = sorted({one.gate.month for one in found if one.changes})
    if changed:
        loads = ", ".join(f"tf-pipeline load {month}" for month in changed)
        _say(
            out,
            f"To apply the change: {loads}. A load finds the changed suite itself, so --again is "
            "not needed. It opens the files in the inbox and runs every rule.",
        )
    if remapped := months_mapped_otherwise(months):
        _say(
            out,
            "Crosswalks, reference data or file shapes have changed since the release of "
            f"{', '.join(remapped)}. A load would use the changed ones, so its counts may differ.",
        )


def _gate(out: Console, one: Redecision) -> None:
    now = one.found.outcome
    before = GateOutcome(one.gate.outcome).in_words
    outcome = f"{before} -> {now.in_words}" if now else f"{before} -> must run again"
    if now == one.gate.outcome:
        outcome = before
    _say(out, f"{one.gate.month} {one.gate.gate}: {outcome}{_consequence(one)}")
    for rule, why in one.found.again.items():
        _say(out, f"    must run again: {rule}: {why}")
    _rules(out, one.found.changed)
    for rule in one.found.dropped:
        _say(out, f"    no longer in the suite: {rule}")


def _consequence(one: Redecision) -> str:
    if one.gate.layer != "delivery":
        if not one.opens_or_shuts:
            return ""
        if one.is_open:
            return "; the month could be published"
        return "; the month would not be published"
    before = one.delivery_before.replace("_", " ") if one.delivery_before else "not on record"
    if one.delivery_now is None:
        return f"; {one.gate.authority}'s delivery ({before}) must be validated again"
    if one.delivery_now is one.delivery_before:
        return f"; {one.gate.authority}'s delivery would still be {before}"
    return f"; {one.gate.authority}'s delivery was {before} and would be {one.delivery_now}"


def _rules(out: Console, rules: Sequence[RuleResult]) -> None:
    for rule in rules[:RULES_SHOWN]:
        name = f"{rule.dataset or ''} {rule.rule}".strip()
        _say(out, f"    {rule.severity} {name}: {describe_found(rule)}")
    if len(rules) > RULES_SHOWN:
        _say(out, f"    and {len(rules) - RULES_SHOWN} more rules")


def _is_to_show(rule: RuleResult) -> bool:
    return rule.could_not_run or rule.passed is False or bool(rule.passed and rule.failed)


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count:,} {what}s"


def _say(out: Console, text: str) -> None:
    """Prints one line unchanged: brackets are not markup."""
    out.print(text, markup=False, soft_wrap=True)
