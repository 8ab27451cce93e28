"""Takes one authority's delivery: kept, judged, then landed, or refused with what to do about it.

Belongs here: what is recorded of a delivery, and the order in which.
Does not belong here: Dagster (`deliveries.py`), judging (`judge.py`), rules (`expectations/`).
"""

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tf_pipeline import paths
from tf_pipeline.authorities import registry
from tf_pipeline.authorities.rulebook import check_rules
from tf_pipeline.authorities.spec import AuthorityShape
from tf_pipeline.defs.coming import Coming, kept_to_take
from tf_pipeline.defs.judge import judge, not_judged
from tf_pipeline.defs.suspect import saying_what_they_wait_for
from tf_pipeline.defs.unchanged import Said, as_kept, from_kept, rests_on
from tf_pipeline.disk import copy_whole, is_full, write_whole
from tf_pipeline.findings import Finding
from tf_pipeline.ingest.delivery import OpenedDataset
from tf_pipeline.ingest.find import delivered_files, is_delivered
from tf_pipeline.ingest.suspicions import rows_sha256
from tf_pipeline.naming import delivery_key, suite_name
from tf_pipeline.quality.gate import GateResult
from tf_pipeline.vocabulary import Outcome
from tf_pipeline.warehouse.confirmations import file_hashes, waived
from tf_pipeline.warehouse.connect import reader, writer
from tf_pipeline.warehouse.delivery_register import record_tried
from tf_pipeline.warehouse.gates import forget_gate, record_gate
from tf_pipeline.warehouse.keys import KeyMissing
from tf_pipeline.warehouse.landed_files import LandingDamaged, lay_out
from tf_pipeline.warehouse.landing import (
    LandedDataset,
    record_refusal,
    replace_month,
    standing_rows,
)
from tf_pipeline.warehouse.lock import WarehouseBusy
from tf_pipeline.warehouse.verdicts import keep_verdict, kept_verdict


@dataclass(frozen=True)
class Taken:
    """What became of a delivery; `rows` is dataset → (delivered, accepted, set aside)."""

    authority: str
    month: str
    outcome: Outcome
    findings: Sequence[Finding] = ()
    gate: GateResult | None = None
    rows: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    files: Sequence[str] = ()
    coming: Coming = field(default_factory=Coming)
    # it stood already, and nothing that it was judged by has changed
    is_unchanged: bool = False

    @property
    def reason(self) -> str:
        """The first thing that stopped it, in words; empty where nothing did."""
        critical = [f for f in self.findings if f.severity == "critical"]
        return str(critical[0]) if critical and self.outcome != Outcome.ACCEPTED else ""


def take_delivery(authority: str, month: str, inbox: Path, again: bool = False) -> Taken:
    """Keeps, gates and lands `inbox/<month>/<authority>`; what stood stays unless it passes.

    A former delivery that somebody chose is taken instead (`coming.py`). What is opened is what the
    landing keeps, so that a file which changes meanwhile is never half one and half the other.
    One that stands already, and would be judged as it was, is not judged unless `again`.
    Whatever goes wrong in the program itself holds the delivery, on record, for GM to mend.
    Raises only RuleProblem, ShapeProblem, KeyMissing, WarehouseBusy and what a full disk raises:
    then nothing is recorded.
    """
    check_rules()
    shape = registry.shape(authority)
    coming = Coming()
    with tempfile.TemporaryDirectory() as opened:
        folder = Path(opened)
        try:
            coming = kept_to_take(authority, month, inbox / month / authority)
            lay_out(coming.files, folder)
            return _take(authority, month, shape, folder, coming, again)
        except (KeyMissing, WarehouseBusy):
            raise
        except LandingDamaged as error:
            said = Finding("LANDING_DAMAGED", str(error), responsible="gm")
        except Exception as error:
            if os.environ.get("TF_DEBUG") or is_full(error):
                raise
            said = not_judged(error)
        files = [file.name for file in coming.files]
        found = [said, *coming.findings]
        taken = Taken(authority, month, Outcome.HELD, found, files=files, coming=coming)
        return refuse(taken, shape, folder)


def _take(
    authority: str, month: str, shape: AuthorityShape, folder: Path, coming: Coming, again: bool
) -> Taken:
    is_there = is_delivered(folder, shape)
    standing = standing_rows(authority, month) if is_there else {}
    word = waived(authority, month, coming.hashes) if is_there else None
    judged_by = rests_on(authority, month, coming.delivery, standing, word) if word else ""
    if word and not again and (said := _said_before(authority, month, judged_by, coming)):
        return Taken(
            authority, month, Outcome.ACCEPTED, said.findings, said.gate, said.rows, said.files,
            coming, is_unchanged=True,
        )  # fmt: skip
    judged = judge(authority, month, shape, folder, standing, word)
    findings = [*judged.findings, *coming.findings]
    taken = Taken(
        authority, month, judged.outcome, findings, judged.gate, judged.rows, judged.files, coming
    )
    if judged.outcome is not Outcome.ACCEPTED:
        return refuse(taken, shape, folder, judged.opened)
    with writer(f"landing {authority} {month}") as connection:
        landed = [as_landed(one) for one in judged.opened]
        # before it lands: what stands is never a delivery that nobody can find again
        record_tried(authority, month, coming.files, taken.outcome)
        replace_month(connection, authority, month, landed, findings)
        if judged.gate:
            record_gate(connection, month, "delivery", authority, judged.gate)
        said = Said(findings, judged.gate, judged.rows, judged.files)
        keep_verdict(connection, authority, month, judged_by, as_kept(said))
    return taken


def _said_before(authority: str, month: str, judged_by: str, coming: Coming) -> Said | None:
    """What was said of this very delivery, where it stands; a former one chosen is judged again."""
    if coming.choice is not None:
        return None
    with reader(f"reading what was said of {authority} {month}") as connection:
        if connection is None:
            return None
        kept = kept_verdict(connection, authority, month, judged_by, coming.hashes)
    return from_kept(kept) if kept else None


def refuse(
    taken: Taken, shape: AuthorityShape, folder: Path, opened: Sequence[OpenedDataset] = ()
) -> Taken:
    """Records that a delivery is not taken; its files and the reasons go to quarantine.

    `folder` holds the files. Returns what is said of it, with what it waits for.
    """
    taken = replace(
        taken,
        findings=saying_what_they_wait_for(
            taken.findings, month=taken.month, authority=taken.authority
        ),
    )
    datasets = [name for name, one in shape.datasets.items() if not one.optional]
    datasets += [one.dataset for one in opened if one.dataset not in datasets]
    critical = [f for f in taken.findings if f.severity == "critical"]
    reasons: dict[str, str] = {}
    for finding in critical:
        reasons.setdefault(finding.dataset or datasets[0], str(finding))
    if taken.outcome is Outcome.NOT_DELIVERED:
        reasons = dict.fromkeys(datasets, "nothing was delivered")
    with writer(f"recording {taken.authority} {taken.month}") as connection:
        if taken.coming.files:
            record_tried(taken.authority, taken.month, taken.coming.files, taken.outcome)
        record_refusal(
            connection,
            taken.authority,
            taken.month,
            taken.outcome,
            datasets,
            reasons,
            [*taken.findings, *_missing_line(taken)],
            [as_landed(one) for one in opened],
        )
        if taken.gate:
            record_gate(connection, taken.month, "delivery", taken.authority, taken.gate)
        else:
            forget_gate(connection, taken.month, suite_name(delivery_key(taken.authority)))
    if taken.outcome is not Outcome.NOT_DELIVERED:
        _quarantine(taken, folder)
    return taken


def record_untried(month: str) -> list[str]:
    """Records authorities whose delivery nobody has tried to load, as not delivered; their ids."""
    with writer(f"recording who is missing in {month}") as connection:
        tried = connection.execute(
            "select distinct authority from raw.attempts where month = ?", [month]
        ).fetchall()
    untried = sorted(set(registry.authorities()) - {row[0] for row in tried})
    for authority in untried:
        taken = Taken(authority, month, Outcome.NOT_DELIVERED)
        refuse(taken, registry.shape(authority), Path())
    return untried


def _missing_line(taken: Taken) -> list[Finding]:
    if taken.outcome is not Outcome.NOT_DELIVERED:
        return []
    return [
        Finding(
            "NOT_DELIVERED",
            f"nothing was delivered for {taken.month}; the last accepted month stands. "
            f"Expected: the files of the month in inbox/{taken.month}/{taken.authority}",
        )
    ]


def _quarantine(taken: Taken, folder: Path) -> None:
    target = paths.quarantine_dir() / taken.month / taken.authority
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    paths.quarantine_dir().chmod(0o700)
    for path in delivered_files(folder):
        copy_whole(path, target / path.name)
    reasons = [str(finding) for finding in taken.findings]
    said = {
        "outcome": taken.outcome.value,
        "reasons": reasons,
        "rules": sorted({f.rule for f in taken.findings if f.severity == "critical"}),
        "file_sha256s": file_hashes(delivered_files(folder)),
    }
    write_whole(target / "reasons.json", json.dumps(said, indent=2))


def as_landed(one: OpenedDataset) -> LandedDataset:
    """An opened dataset, ready to land."""
    return LandedDataset(
        one.dataset,
        one.file_name,
        one.file_sha256,
        one.sheet,
        one.date_formats,
        one.rows.headings,
        one.rows.accepted,
        one.rows.set_aside,
        one.rows.delivered,
        rows_sha256(one),
    )
