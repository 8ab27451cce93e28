"""Refuses a delivery: the earlier one stays current; files and reasons go to quarantine.

Belongs here: the records of a refusal, and of an authority that sent nothing.
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
from tf_pipeline.rules.rule_messages import finding
from tf_pipeline.vocabulary import Outcome
from tf_pipeline.warehouse.connect import writer
from tf_pipeline.warehouse.gate_records import forget_gate, record_gate
from tf_pipeline.warehouse.landing import record_refusal


def refuse(
    result: IntakeResult, shape: AuthorityShape, folder: Path, opened: Sequence[OpenedDataset] = ()
) -> IntakeResult:
    """Records that a delivery is refused; copies its files and the reasons to quarantine.

    `folder` holds the files. Returns the result; if it is held, its findings name the command that
    confirms it.
    """
    result = replace(
        result,
        findings=add_next_step(result.findings, month=result.month, authority=result.authority),
    )
    absent = _not_delivered(result)
    datasets = [name for name, one in shape.datasets.items() if not one.optional]
    datasets += [one.dataset for one in opened if one.dataset not in datasets]
    critical = [f for f in result.findings if f.severity == "critical"]
    reasons: dict[str, str] = {}
    for one in critical:
        reasons.setdefault(one.dataset or datasets[0], str(one))
    if absent:
        reasons = dict.fromkeys(datasets, absent[0].message)
    with writer(f"recording {result.authority} {result.month}") as connection:
        if result.candidate.files:
            files, counts = result.candidate.files, counted(opened)
            record_tried(result.authority, result.month, files, result.outcome, counts)
        record_refusal(
            connection,
            result.authority,
            result.month,
            result.outcome,
            datasets,
            reasons,
            [*result.findings, *absent],
            [as_landed(one) for one in opened],
        )
        if result.gate:
            record_gate(connection, result.month, "delivery", result.authority, result.gate)
        else:
            forget_gate(connection, result.month, suite_name(delivery_key(result.authority)))
    if result.outcome is not Outcome.NOT_DELIVERED:
        _quarantine(result, folder)
    return result


def record_untried(month: str) -> list[str]:
    """Records authorities without any attempt for a month as not delivered; returns their ids."""
    with writer(f"recording who is missing in {month}") as connection:
        tried = connection.execute(
            "select distinct authority from raw.attempts where month = ?", [month]
        ).fetchall()
    untried = sorted(set(registry.authorities()) - {row[0] for row in tried})
    for authority in untried:
        result = IntakeResult(authority, month, Outcome.NOT_DELIVERED)
        refuse(result, registry.shape(authority), Path())
    return untried


def _not_delivered(result: IntakeResult) -> list[Finding]:
    if result.outcome is not Outcome.NOT_DELIVERED:
        return []
    return [finding("NOT_DELIVERED", month=result.month, authority=result.authority)]


def _quarantine(result: IntakeResult, folder: Path) -> None:
    target = paths.quarantine_dir() / result.month / result.authority
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    paths.quarantine_dir().chmod(0o700)
    for path in delivered_files(folder):
        copy_whole(path, target / path.name)
    reasons = {
        "outcome": result.outcome.value,
        "reasons": [str(one) for one in result.findings],
        "rules": sorted({f.rule for f in result.findings if f.severity == "critical"}),
        "file_sha256s": file_hashes(delivered_files(folder)),
    }
    write_whole(target / "reasons.json", json.dumps(reasons, indent=2))
