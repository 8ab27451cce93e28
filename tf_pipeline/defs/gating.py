"""Gates as Dagster shows them: a check on the asset, counts and failed rules, never a value."""

from collections.abc import Sequence

import dagster as dg

from tf_pipeline.quality.gate import GateResult
from tf_pipeline.vocabulary import GateOutcome, Severity

CHECK = "gate"
RULES_SHOWN = 20
TITLE = "Gates of the GM baseline"


def show(gates: Sequence[GateResult], month: str) -> None:
    """Writes the gates' pages, where a lead can open them."""
    from tf_pipeline.quality.data_docs import write_data_docs

    write_data_docs(gates, TITLE, month, replace_month=False)


def check_spec(key: list[str], description: str) -> dg.AssetCheckSpec:
    """The one check every materialised asset has."""
    return dg.AssetCheckSpec(CHECK, asset=dg.AssetKey(key), description=description, blocking=True)


def is_open(gate: GateResult) -> bool:
    """Whether what is behind the gate may go on."""
    return gate.outcome in (GateOutcome.PASSED, GateOutcome.PASSED_WITH_FAILURES)


def check_result(key: list[str], gate: GateResult) -> dg.AssetCheckResult:
    """A gate's result for the UI; a failure under the threshold passes and shows as a warning."""
    warns = gate.outcome is GateOutcome.PASSED_WITH_FAILURES
    metadata: dict = {
        name: value for name, value in gate.summary().items() if value not in (None, "")
    }
    if gate.rules_with_failures:
        metadata["failed_rules"] = dg.MetadataValue.md(
            "\n".join(
                f"- **{rule.severity.value}** {rule.dataset or ''} `{rule.rule}`: "
                f"{rule.failed or 1} of {rule.checked or 1}. {rule.why}"
                for rule in gate.rules_with_failures[:RULES_SHOWN]
            )
        )
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(key),
        check_name=CHECK,
        passed=is_open(gate) and not warns,
        severity=dg.AssetCheckSeverity.WARN if warns else dg.AssetCheckSeverity.ERROR,
        description=_in_words(gate),
        metadata=metadata,
    )


def _in_words(gate: GateResult) -> str:
    if gate.outcome is GateOutcome.COULD_NOT_RUN:
        names = ", ".join(sorted({rule.rule for rule in gate.unrun_rules})[:5])
        return f"The gate could not run ({names}); it says nothing about the data."
    if gate.outcome is GateOutcome.FAILED:
        critical = [r for r in gate.failed_rules if r.severity is Severity.CRITICAL]
        return f"{len(critical)} critical rules failed: nothing behind this gate moved."
    if gate.rules_with_failures:
        return (
            f"Passed; {len(gate.rules_with_failures)} rules failed for some rows, below what stops."
        )
    return f"Passed: all {len(gate.rules)} rules hold."
