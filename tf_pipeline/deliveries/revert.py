"""Reverts a delivery that landed and then made a later gate fail: the earlier one becomes current.

Belongs here: restoring the earlier delivery, and the finding that says why.
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
from tf_pipeline.rules.rule_messages import finding
from tf_pipeline.vocabulary import Outcome
from tf_pipeline.warehouse.connect import writer
from tf_pipeline.warehouse.landing import replace_month, standing_rows

NOTHING = ValidationResult(Outcome.NOT_DELIVERED)


def revert_delivery(
    authority: str, month: str, attributions: Sequence[Attribution]
) -> IntakeResult:
    """Holds the landed delivery of a month; the authority's accepted delivery before it is current.

    That is an earlier one of the same month, or otherwise of an earlier month. The files stay in
    the landing and are copied to quarantine with the reasons. Raises LandingDamaged, before
    anything is changed, if a file is missing from the landing.
    """
    now, *before = reversed(_accepted(authority, month))
    with tempfile.TemporaryDirectory() as opened:
        folder, earlier = Path(opened, "now"), Path(opened, "before")
        validation = _validated(authority, month, now.files, folder)
        former = _validated(authority, month, before[0].files, earlier) if before else NOTHING
        findings = [_finding(validation, one) for one in attributions]
        with writer(f"reverting {authority} {month}") as connection:
            # today's rules count: a delivery that they refuse does not become current again
            is_accepted = former.outcome is Outcome.ACCEPTED
            landed = [as_landed(one) for one in former.opened] if is_accepted else []
            replace_month(connection, authority, month, landed, [])
        result = IntakeResult(
            authority, month, Outcome.HELD, [*findings, *validation.findings], validation.gate,
            validation.rows, validation.files, Candidate(now.files),
        )  # fmt: skip
        return refuse(result, registry.shape(authority), folder, validation.opened)


def _accepted(authority: str, month: str) -> list[register.Entry]:
    """Deliveries of a month whose last outcome is accepted, in the order of that outcome."""
    last: dict[str, register.Entry] = {}
    for entry in register.entries(month, authority):
        if entry.outcome != register.CHOSEN:
            last.pop(entry.delivery, None)
            last[entry.delivery] = entry
    return [entry for entry in last.values() if entry.outcome == Outcome.ACCEPTED]


def _validated(
    authority: str, month: str, files: Sequence[LandedFile], folder: Path
) -> ValidationResult:
    folder.mkdir()
    lay_out(files, folder)
    waiver = waiver_on_record(authority, month, Candidate(files).hashes)
    standing = standing_rows(authority, month)
    return validate(authority, month, registry.shape(authority), folder, standing, waiver)


def _finding(validation: ValidationResult, attribution: Attribution) -> Finding:
    rule, named = attribution.rule, validation.named.get(attribution.dataset)
    return finding(
        "LATER_GATE",
        field=(rule.column or "rows").replace("_", " ").capitalize(),
        found=describe_found(rule),
        why=rule.why,
        table=attribution.table,
        dataset=attribution.dataset if named else None,
        file_name=named.opened.file_name if named else None,
        sheet=named.opened.sheet if named else None,
        row=rule.rows[0] if rule.rows and named else None,
        heading=named.headings.get(rule.column or "") if named else None,
        occurrences=rule.failed or 1,
    )
