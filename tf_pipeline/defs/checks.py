"""Gates as Dagster asset checks: counts and failed rules, never a value."""

from collections.abc import Sequence

import dagster as dg

from tf_pipeline.naming import delivery_key
from tf_pipeline.quality.gate_result import GateResult, RuleResult, describe_found, describe_rule
from tf_pipeline.vocabulary import GateOutcome, Severity

CHECK = "gate"
RULES_SHOWN = 20
TITLE = "Gates of the GM baseline"


def write_pages(gates: Sequence[GateResult], month: str) -> None:
    """Writes the gates' pages for leads."""
    from tf_pipeline.quality.gate_pages import write_gate_pages

    write_gate_pages(gates, TITLE, month, replace_month=False)


def check_spec(key: list[str], description: str) -> dg.AssetCheckSpec:
    """The one check of every materialised asset."""
    return dg.AssetCheckSpec(CHECK, asset=dg.AssetKey(key), description=description, blocking=True)


def check_result(key: list[str], gate: GateResult) -> dg.AssetCheckResult:
    """A gate's result for the UI; failures under the threshold show as a warning."""
    warns = gate.outcome is GateOutcome.PASSED_WITH_FAILURES
    metadata: dict = {
        name: value for name, value in gate.summary().items() if value not in (None, "")
    }
    by_kind = {
        "could_not_run_rules": gate.unrun_rules,
        "failed_rules": gate.failed_rules,
        "rules_under_the_threshold": gate.rules_below,
    }
    metadata |= {name: _listed(rules) for name, rules in by_kind.items() if rules}
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(key),
        check_name=CHECK,
        passed=gate.is_open and not warns,
        severity=dg.AssetCheckSeverity.WARN if warns else dg.AssetCheckSeverity.ERROR,
        description=_in_words(gate),
        metadata=metadata,
    )


def reverted_check(authority: str, month: str, reason: str) -> dg.AssetCheckEvaluation:
    """The result of a delivery's check after a later gate has reverted the delivery."""
    return dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey(delivery_key(authority)),
        check_name=CHECK,
        passed=False,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"Taken back by a later gate: {reason}",
        metadata={"outcome": dg.MetadataValue.text("held"), "month": dg.MetadataValue.text(month)},
        blocking=True,
        partition=month,
    )


def stop_if_shut(gate: GateResult, what: str) -> None:
    """Raises the Failure that stops a run behind a shut gate."""
    if not gate.is_open:
        raise dg.Failure(
            f"Gate shut ({gate.outcome.value}): {what}; nothing after it is built or published.",
            allow_retries=False,
        )


def _listed(rules: Sequence[RuleResult]) -> dg.MarkdownMetadataValue:
    lines = [
        f"- **{rule.severity.value}** {rule.dataset or ''} `{rule.rule}`: "
        f"{describe_found(rule)}. {rule.why}"
        for rule in rules[:RULES_SHOWN]
    ]
    if len(rules) > RULES_SHOWN:
        lines.append(f"- and {len(rules) - RULES_SHOWN} more")
    return dg.MetadataValue.md("\n".join(lines))


def _in_words(gate: GateResult) -> str:
    if gate.outcome is GateOutcome.COULD_NOT_RUN:
        names = ", ".join(sorted({rule.rule for rule in gate.unrun_rules})[:5])
        return f"The gate could not run ({names}); it says nothing about the data."
    if gate.outcome is GateOutcome.FAILED:
        critical = [r for r in gate.failed_rules if r.severity is Severity.CRITICAL]
        return f"{len(critical)} critical rules failed: nothing behind this gate moved."
    if gate.rules_with_failures:
        first = gate.rules_with_failures[0]
        more = len(gate.rules_with_failures) - 1
        others = f" and {more} other rules" if more else ""
        return f"Passed with failures that do not stop it: {describe_rule(first)}{others}."
    return f"Passed: all {len(gate.rules)} rules hold."
