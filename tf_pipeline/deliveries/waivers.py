"""Applies waivers to findings, and names the command that confirms a held delivery.

Belongs here: which rules stop a delivery after a waiver.
Does not belong here: recording a waiver (`confirm_delivery.py`), what is implausible
(`plausibility.py`).
"""

from collections.abc import Sequence
from dataclasses import replace

from tf_pipeline.deliveries.confirmations import WAIVABLE, Waiver
from tf_pipeline.findings import Finding
from tf_pipeline.rules.rule_messages import finding, message_text
from tf_pipeline.vocabulary import Severity

# such a delivery is rejected without further checks
FINAL_RULES = {"RESENT", "MISDIRECTED_FILE"}
# these rows are already set aside: the rest of the delivery need not wait
NOT_STOPPING = {"MISDIRECTED"}


def apply_waiver(waiver: Waiver, findings: Sequence[Finding]) -> list[Finding]:
    """Findings after a waiver: a waived rule is only a warning, and the waiver is listed."""
    counted = [
        replace(f, severity=Severity.WARNING) if f.rule in waiver.rules else f for f in findings
    ]
    if waiver.rules:
        rules = ", ".join(sorted(waiver.rules))
        counted.append(finding("CONFIRMED", role=waiver.role, rules=rules))
    return counted


def add_next_step(findings: Sequence[Finding], month: str, authority: str) -> list[Finding]:
    """The findings, with the command that confirms them if a person may waive all critical ones."""
    stopping = {f.rule for f in findings if f.severity == "critical"} - NOT_STOPPING
    if not stopping or not stopping <= WAIVABLE:
        return list(findings)
    step, _ = message_text("HELD_UNTIL_CONFIRMED", month=month, authority=authority)
    return [
        replace(f, message=f"{f.message}. {step}") if f.rule in stopping else f for f in findings
    ]
