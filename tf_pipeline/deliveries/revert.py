"""Reverts a delivery that landed and then shut a later gate: it is held, the former one counts.

Belongs here: restoring the former delivery, and the finding that says why.
Does not belong here: whose rows are at fault (`attribute_failures.py`), refusing (`refuse.py`).
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tf_pipeline.authorities import registry
from tf_pipeline.deliveries import delivery_register as register
from tf_pipeline.deliveries.archive import LandedFile, lay_out
from tf_pipeline.deliveries.attribute_failures import Attribution
from tf_pipeline.deliveries.confirmations import waiver_on_record
from tf_pipeline.deliveries.intake import IntakeResult, as_landed, refuse
from tf_pipeline.deliveries.select_delivery import Candidate
from tf_pipeline.deliveries.validate import ValidationResult, validate
from tf_pipeline.findings import Finding
from tf_pipeline.quality.gate_result import describe_found
from tf_pipeline.vocabulary import Outcome
from tf_pipeline.warehouse.connect import writer
from tf_pipeline.warehouse.landing import replace_month, standing_rows

LATER_GATE = "LATER_GATE"
NOTHING = ValidationResult(Outcome.NOT_DELIVERED)


def revert_delivery(authority: str, month: str, blames: Sequence[Attribution]) -> IntakeResult:
    """Holds what an authority has landed for a month; its last accepted delivery stands again.

    That is the month's former one where there was one, else an earlier month's. The files stay in
    the landing and go to quarantine with the reasons. Raises LandingDamaged, before anything is
    changed, where a file that is needed is no longer in the landing.
    """
    now, *before = reversed(_accepted(authority, month))
    with tempfile.TemporaryDirectory() as opened:
        folder, earlier = Path(opened, "now"), Path(opened, "before")
        judged = _judged(authority, month, now.files, folder)
        stood = _judged(authority, month, before[0].files, earlier) if before else NOTHING
        findings = [_finding(judged, one) for one in blames]
        with writer(f"taking back {authority} {month}") as connection:
            # by the rules of today: what they would refuse does not come back
            is_back = stood.outcome is Outcome.ACCEPTED
            landed = [as_landed(one) for one in stood.opened] if is_back else []
            replace_month(connection, authority, month, landed, [])
        taken = IntakeResult(
            authority, month, Outcome.HELD, [*findings, *judged.findings], judged.gate,
            judged.rows, judged.files, Candidate(now.files),
        )  # fmt: skip
        return refuse(taken, registry.shape(authority), folder, judged.opened)


def _accepted(authority: str, month: str) -> list[register.Entry]:
    """Deliveries of a month whose last outcome is accepted; the one accepted last comes last."""
    last: dict[str, register.Entry] = {}
    for entry in register.entries(month, authority):
        if entry.outcome != register.CHOSEN:
            last.pop(entry.delivery, None)
            last[entry.delivery] = entry
    return [entry for entry in last.values() if entry.outcome == Outcome.ACCEPTED]


def _judged(
    authority: str, month: str, files: Sequence[LandedFile], folder: Path
) -> ValidationResult:
    folder.mkdir()
    lay_out(files, folder)
    word = waiver_on_record(authority, month, Candidate(files).hashes)
    standing = standing_rows(authority, month)
    return validate(authority, month, registry.shape(authority), folder, standing, word)


def _finding(judged: ValidationResult, blame: Attribution) -> Finding:
    rule, named = blame.rule, judged.named.get(blame.dataset)
    about = (rule.column or "rows").replace("_", " ")
    return Finding(
        LATER_GATE,
        f"{about} {describe_found(rule)}. {rule.why} The rows passed the delivery's own gate and "
        f"not that of {blame.table}; what stood before stands. Expected: the delivery sent anew "
        "without that, or the rule mended by GM",
        dataset=blame.dataset if named else None,
        file_name=named.opened.file_name if named else None,
        sheet=named.opened.sheet if named else None,
        row=rule.rows[0] if rule.rows and named else None,
        heading=named.headings.get(rule.column or "") if named else None,
        occurrences=rule.failed or 1,
    )
