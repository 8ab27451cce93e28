"""Refuses a delivery: what stood stands, the files and the reasons go to quarantine.

Belongs here: what is recorded of a refusal, and of an authority that sent nothing.
Does not belong here: whether a delivery is refused (`validate.py`).
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tf_pipeline import paths
from tf_pipeline.authorities import registry
from tf_pipeline.authorities.spec import AuthorityShape
from tf_pipeline.deliveries.confirmations import file_hashes
from tf_pipeline.deliveries.delivery_register import record_tried
from tf_pipeline.deliveries.intake_result import IntakeResult
from tf_pipeline.deliveries.land import as_landed, counted
from tf_pipeline.deliveries.waivers import add_next_step
from tf_pipeline.files import copy_whole, write_whole
from tf_pipeline.findings import Finding
from tf_pipeline.ingest.find import delivered_files
from tf_pipeline.ingest.opened_dataset import OpenedDataset
from tf_pipeline.naming import delivery_key, suite_name
from tf_pipeline.vocabulary import Outcome
from tf_pipeline.warehouse.connect import writer
from tf_pipeline.warehouse.gate_records import forget_gate, record_gate
from tf_pipeline.warehouse.landing import record_refusal


def refuse(
    taken: IntakeResult, shape: AuthorityShape, folder: Path, opened: Sequence[OpenedDataset] = ()
) -> IntakeResult:
    """Records that a delivery is not taken; its files and the reasons go to quarantine.

    `folder` holds the files. Returns the refused delivery; a held one names the command that
    lets it in.
    """
    taken = replace(
        taken,
        findings=add_next_step(taken.findings, month=taken.month, authority=taken.authority),
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
            record_tried(
                taken.authority, taken.month, taken.coming.files, taken.outcome, counted(opened)
            )
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
        taken = IntakeResult(authority, month, Outcome.NOT_DELIVERED)
        refuse(taken, registry.shape(authority), Path())
    return untried


def _missing_line(taken: IntakeResult) -> list[Finding]:
    if taken.outcome is not Outcome.NOT_DELIVERED:
        return []
    return [
        Finding(
            "NOT_DELIVERED",
            f"nothing was delivered for {taken.month}; the last accepted month stands. "
            f"Expected: the files of the month in inbox/{taken.month}/{taken.authority}",
        )
    ]


def _quarantine(taken: IntakeResult, folder: Path) -> None:
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
