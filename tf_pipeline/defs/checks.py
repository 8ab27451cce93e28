"""Gates as Dagster asset checks: counts and failed rules, never a value."""

from collections.abc import Sequence

import dagster as dg

from tf_pipeline.defs.gate_texts import in_words, listed
from tf_pipeline.naming import delivery_key
from tf_pipeline.quality.gate_result import GateResult
from tf_pipeline.vocabulary import GateOutcome

CHECK = "gate"
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
    metadata |= {name: listed(rules) for name, rules in by_kind.items() if rules}
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(key),
        check_name=CHECK,
        passed=gate.is_open and not warns,
        severity=dg.AssetCheckSeverity.WARN if warns else dg.AssetCheckSeverity.ERROR,
        description=in_words(gate),
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
    """Raises the Failure that stops a run after a gate that did not pass."""
    if not gate.is_open:
        raise dg.Failure(
            f"The gate of {what} did not pass ({gate.outcome.value}): nothing after it is built or "
            "published.",
            allow_retries=False,
        )
