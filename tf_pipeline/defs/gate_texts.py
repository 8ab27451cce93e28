"""A gate in words for the UI: counts and rules, never a value."""

from collections.abc import Sequence

import dagster as dg

from tf_pipeline.quality.gate_result import GateResult, RuleResult, describe_found, describe_rule
from tf_pipeline.vocabulary import GateOutcome, Severity

RULES_SHOWN = 20


def in_words(gate: GateResult) -> str:
    """A gate's result in one sentence."""
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


def listed(rules: Sequence[RuleResult]) -> dg.MarkdownMetadataValue:
    """Rules as a list, each with what was found and why it is asked."""
    lines = [
        f"- **{rule.severity.value}** {rule.dataset or ''} `{rule.rule}`: "
        f"{describe_found(rule)}. {rule.why}"
        for rule in rules[:RULES_SHOWN]
    ]
    if len(rules) > RULES_SHOWN:
        lines.append(f"- and {len(rules) - RULES_SHOWN} more")
    return dg.MetadataValue.md("\n".join(lines))
