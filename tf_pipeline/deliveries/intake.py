"""Ingests one authority's delivery: selects, opens and validates it, then lands or refuses it.

Belongs here: the order of these steps, and the records of an accepted delivery.
Does not belong here: Dagster (`defs`), validating (`validate.py`), refusing (`refuse.py`).
"""

import os
import tempfile
from pathlib import Path

from tf_pipeline.authorities import registry
from tf_pipeline.authorities.spec import AuthorityShape
from tf_pipeline.deliveries.archive import LandingDamaged, lay_out
from tf_pipeline.deliveries.confirmations import waiver_on_record
from tf_pipeline.deliveries.delivery_register import record_tried
from tf_pipeline.deliveries.intake_result import IntakeResult
from tf_pipeline.deliveries.land import as_landed, counted
from tf_pipeline.deliveries.refuse import refuse
from tf_pipeline.deliveries.select_delivery import Candidate, select_and_archive
from tf_pipeline.deliveries.unchanged import Verdict, from_stored, to_stored, verdict_basis
from tf_pipeline.deliveries.validate import could_not_validate, validate
from tf_pipeline.deliveries.verdicts import keep_verdict, kept_verdict
from tf_pipeline.files import is_full
from tf_pipeline.ingest.find import is_delivered
from tf_pipeline.rules.rule_messages import finding
from tf_pipeline.seeds.rulebook import check_rules
from tf_pipeline.vocabulary import Outcome
from tf_pipeline.warehouse.connect import reader, writer
from tf_pipeline.warehouse.gate_records import record_gate
from tf_pipeline.warehouse.keys import KeyMissing
from tf_pipeline.warehouse.landing import replace_month, standing_rows
from tf_pipeline.warehouse.lock import WarehouseBusy


def ingest_delivery(authority: str, month: str, inbox: Path, again: bool = False) -> IntakeResult:
    """Archives, validates and lands `inbox/<month>/<authority>`; refuses it if it does not pass.

    A former delivery that somebody chose is ingested instead (`select_delivery.py`). The copy in
    the landing is opened, so that a file that changes meanwhile does no harm. A delivery that the
    same rules have already accepted is not validated again, unless `again`.
    An error of the program itself holds the delivery, on record, for GM to correct.
    Raises only RuleProblem, ShapeProblem, KeyMissing, WarehouseBusy and what a full disk raises:
    then nothing is recorded.
    """
    check_rules()
    shape = registry.shape(authority)
    candidate = Candidate()
    with tempfile.TemporaryDirectory() as opened:
        folder = Path(opened)
        try:
            candidate = select_and_archive(authority, month, inbox / month / authority)
            lay_out(candidate.files, folder)
            return _ingest(authority, month, shape, folder, candidate, again)
        except (KeyMissing, WarehouseBusy):
            raise
        except LandingDamaged as error:
            cause = finding("LANDING_DAMAGED", problem=error.problem)
        except Exception as error:
            if os.environ.get("TF_DEBUG") or is_full(error):
                raise
            cause = could_not_validate(error)
        files = [file.name for file in candidate.files]
        findings = [cause, *candidate.findings]
        result = IntakeResult(
            authority, month, Outcome.HELD, findings, files=files, candidate=candidate
        )
        return refuse(result, shape, folder)


def _ingest(
    authority: str,
    month: str,
    shape: AuthorityShape,
    folder: Path,
    candidate: Candidate,
    again: bool,
) -> IntakeResult:
    is_there = is_delivered(folder, shape)
    standing = standing_rows(authority, month) if is_there else {}
    waiver = waiver_on_record(authority, month, candidate.hashes) if is_there else None
    basis = verdict_basis(authority, month, candidate.delivery, standing, waiver) if waiver else ""
    if waiver and not again and (verdict := _verdict_on_record(authority, month, basis, candidate)):
        return IntakeResult(
            authority, month, Outcome.ACCEPTED, verdict.findings, verdict.gate, verdict.rows,
            verdict.files, candidate, is_unchanged=True,
        )  # fmt: skip
    validation = validate(authority, month, shape, folder, standing, waiver)
    gate, rows, files = validation.gate, validation.rows, validation.files
    findings = [*validation.findings, *candidate.findings]
    result = IntakeResult(
        authority, month, validation.outcome, findings, gate, rows, files, candidate
    )
    if validation.outcome is not Outcome.ACCEPTED:
        return refuse(result, shape, folder, validation.opened)
    with writer(f"landing {authority} {month}") as connection:
        landed = [as_landed(one) for one in validation.opened]
        # first the register: every current delivery can be found in it, also after a crash
        counts = counted(validation.opened)
        record_tried(authority, month, candidate.files, result.outcome, counts)
        replace_month(connection, authority, month, landed, findings)
        if gate:
            record_gate(connection, month, "delivery", authority, gate)
        verdict = Verdict(findings, gate, rows, files)
        keep_verdict(connection, authority, month, basis, to_stored(verdict))
    return result


def _verdict_on_record(
    authority: str, month: str, basis: str, candidate: Candidate
) -> Verdict | None:
    """The verdict on this delivery if it is current; a chosen delivery is always validated."""
    if candidate.choice is not None:
        return None
    with reader(f"reading the verdict on {authority} {month}") as connection:
        if connection is None:
            return None
        kept = kept_verdict(connection, authority, month, basis, candidate.hashes)
    return from_stored(kept) if kept else None
