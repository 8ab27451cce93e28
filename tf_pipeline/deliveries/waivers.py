"""What a person has said about a held delivery, and how a held one is let in.

Belongs here: applying what is on record, naming the command that waives.
Does not belong here: recording a waiver (`confirm_delivery.py`), what is implausible
(`plausibility.py`).
"""

from collections.abc import Sequence
from dataclasses import replace

from tf_pipeline.deliveries.confirmations import WAIVABLE, Waiver
from tf_pipeline.findings import Finding
from tf_pipeline.vocabulary import Severity

# nothing more is asked of such a delivery
FINAL_RULES = {"RESENT", "MISDIRECTED_FILE"}
# set aside already: the rest of the delivery need not wait
NOT_STOPPING = {"MISDIRECTED"}


def apply_waiver(word: Waiver, findings: Sequence[Finding]) -> list[Finding]:
    """Findings as they count after a person's word; what was waived is said, and stops nothing."""
    counted = [
        replace(f, severity=Severity.WARNING) if f.rule in word.rules else f for f in findings
    ]
    if word.rules:
        counted.append(
            Finding(
                "CONFIRMED",
                f"{', '.join(sorted(word.rules))} waived for these files on the word of "
                f"{word.role}; the reason is in ops.confirmations. Expected: nothing more",
                severity=Severity.INFO,
                responsible="gm",
            )
        )
    return counted


def add_next_step(findings: Sequence[Finding], month: str, authority: str) -> list[Finding]:
    """The findings, with the command that waives them where a person may waive all that stops."""
    stopping = {f.rule for f in findings if f.severity == "critical"} - NOT_STOPPING
    if not stopping or not stopping <= WAIVABLE:
        return list(findings)
    wait = (
        f". Held until it is sent anew, or until somebody confirms that it is right: tf-pipeline "
        f"confirm {month} {authority} --reason TEXT --by role:NAME"
    )
    return [
        replace(f, message=f.message.rstrip(".") + wait) if f.rule in stopping else f
        for f in findings
    ]
