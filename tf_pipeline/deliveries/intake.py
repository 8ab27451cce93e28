"""Takes in one authority's delivery: select, open, validate, then land it or refuse it.

Belongs here: the order of those steps, and what is recorded of an accepted delivery.
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
from tf_pipeline.findings import Finding
from tf_pipeline.ingest.find import is_delivered
from tf_pipeline.seeds.rulebook import check_rules
from tf_pipeline.vocabulary import Outcome
from tf_pipeline.warehouse.connect import reader, writer
from tf_pipeline.warehouse.gate_records import record_gate
from tf_pipeline.warehouse.keys import KeyMissing
from tf_pipeline.warehouse.landing import replace_month, standing_rows
from tf_pipeline.warehouse.lock import WarehouseBusy


def ingest_delivery(authority: str, month: str, inbox: Path, again: bool = False) -> IntakeResult:
    """Keeps, gates and lands `inbox/<month>/<authority>`; what stood stays unless it passes.

    A former delivery that somebody chose is taken instead (`select_delivery.py`). The copy in the
    landing is opened, so that a file that changes meanwhile does no harm. A delivery that is
    already accepted by the same rules is not validated again, unless `again`.
    Whatever goes wrong in the program itself holds the delivery, on record, for GM to mend.
    Raises only RuleProblem, ShapeProblem, KeyMissing, WarehouseBusy and what a full disk raises:
    then nothing is recorded.
    """
    check_rules()
    shape = registry.shape(authority)
    coming = Candidate()
    with tempfile.TemporaryDirectory() as opened:
        folder = Path(opened)
        try:
            coming = select_and_archive(authority, month, inbox / month / authority)
            lay_out(coming.files, folder)
            return _take(authority, month, shape, folder, coming, again)
        except (KeyMissing, WarehouseBusy):
            raise
        except LandingDamaged as error:
            said = Finding("LANDING_DAMAGED", str(error), responsible="gm")
        except Exception as error:
            if os.environ.get("TF_DEBUG") or is_full(error):
                raise
            said = could_not_validate(error)
        files = [file.name for file in coming.files]
        found = [said, *coming.findings]
        taken = IntakeResult(authority, month, Outcome.HELD, found, files=files, coming=coming)
        return refuse(taken, shape, folder)


def _take(
    authority: str, month: str, shape: AuthorityShape, folder: Path, coming: Candidate, again: bool
) -> IntakeResult:
    is_there = is_delivered(folder, shape)
    standing = standing_rows(authority, month) if is_there else {}
    word = waiver_on_record(authority, month, coming.hashes) if is_there else None
    judged_by = verdict_basis(authority, month, coming.delivery, standing, word) if word else ""
    if word and not again and (said := _said_before(authority, month, judged_by, coming)):
        return IntakeResult(
            authority, month, Outcome.ACCEPTED, said.findings, said.gate, said.rows, said.files,
            coming, is_unchanged=True,
        )  # fmt: skip
    judged = validate(authority, month, shape, folder, standing, word)
    findings = [*judged.findings, *coming.findings]
    taken = IntakeResult(
        authority, month, judged.outcome, findings, judged.gate, judged.rows, judged.files, coming
    )
    if judged.outcome is not Outcome.ACCEPTED:
        return refuse(taken, shape, folder, judged.opened)
    with writer(f"landing {authority} {month}") as connection:
        landed = [as_landed(one) for one in judged.opened]
        # before it lands: what stands is never a delivery that nobody can find again
        record_tried(authority, month, coming.files, taken.outcome, counted(judged.opened))
        replace_month(connection, authority, month, landed, findings)
        if judged.gate:
            record_gate(connection, month, "delivery", authority, judged.gate)
        said = Verdict(findings, judged.gate, judged.rows, judged.files)
        keep_verdict(connection, authority, month, judged_by, to_stored(said))
    return taken


def _said_before(authority: str, month: str, judged_by: str, coming: Candidate) -> Verdict | None:
    """What was said of this very delivery, where it stands; a former one chosen is judged again."""
    if coming.choice is not None:
        return None
    with reader(f"reading what was said of {authority} {month}") as connection:
        if connection is None:
            return None
        kept = kept_verdict(connection, authority, month, judged_by, coming.hashes)
    return from_stored(kept) if kept else None
