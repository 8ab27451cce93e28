"""What a delivery looks like beside earlier ones, and what a person has said about it.

Belongs here: gathering suspicions, waiving those on record, saying what a held one waits for.
Does not belong here: how each is recognised (`ingest`), the order of the steps (`accept.py`).
"""

from collections.abc import Sequence
from dataclasses import replace

from tf_pipeline.findings import Finding
from tf_pipeline.ingest.delivery import OpenedDataset
from tf_pipeline.ingest.fields import NamedDataset
from tf_pipeline.ingest.suspicions import findings_of_months, findings_of_resent
from tf_pipeline.vocabulary import Severity
from tf_pipeline.warehouse.confirmations import WAIVABLE, Waived
from tf_pipeline.warehouse.earlier import accepted_before

# nothing more is asked of such a delivery
FINAL_RULES = {"RESENT", "MISDIRECTED_FILE"}
# set aside already: the rest of the delivery need not wait
NOT_STOPPING = {"MISDIRECTED"}


def findings_of_another_month(
    authority: str,
    month: str,
    opened: Sequence[OpenedDataset],
    named: dict[str, NamedDataset],
    has_warehouse: bool,
) -> list[Finding]:
    """An earlier month's delivery sent again, or else the dates of another month."""
    earlier = accepted_before(authority, month) if has_warehouse else []
    resent = findings_of_resent(opened, earlier, month)
    return resent or findings_of_months(named, month)


def on_the_word_of(word: Waived, findings: Sequence[Finding]) -> list[Finding]:
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


def saying_what_they_wait_for(
    findings: Sequence[Finding], month: str, authority: str
) -> list[Finding]:
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
