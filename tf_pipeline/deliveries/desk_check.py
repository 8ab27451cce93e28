"""Checks files before they are delivered: validates them as a load does, and stores nothing.

Belongs here: gathering the files, and the fix pack with the findings.
Does not belong here: validating (`validate.py`), printing (`commands/packs.py`).
"""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tf_pipeline.authorities import registry
from tf_pipeline.deliveries.unmapped import unknown_headings, unknown_words
from tf_pipeline.deliveries.validate import ValidationResult, could_not_validate, validate
from tf_pipeline.errors import UserFacingError
from tf_pipeline.naming import delivery_key, suite_name
from tf_pipeline.pages.pack import DatasetLine, Pack, gate_in_words, tasks_of
from tf_pipeline.rules.rule_messages import message_text
from tf_pipeline.seeds.rulebook import check_rules
from tf_pipeline.vocabulary import GateOutcome, Outcome

LIMITS = (
    "This is a check before delivery. It opens the files, evaluates the gate of the delivery, and "
    "lists what the crosswalks do not know. Dates and rows that pass the gate and cannot be used "
    "are found only by a load."
)
NO_COMPARISON = "There is no published month to compare with, so missing rows were not checked."


class SameFileName(UserFacingError):
    """Two files of one name cannot be one delivery."""


@dataclass(frozen=True)
class DeskCheckResult:
    """The fix pack of the files; `is_validated` is false if the program itself failed."""

    pack: Pack
    is_validated: bool


def check_files(
    files: Sequence[Path], authority: str, month: str, standing: dict[str, int]
) -> DeskCheckResult:
    """Validates files from any folder as the delivery of an authority for a month.

    `standing` is dataset → rows of the current delivery, to see whether rows are missing.
    Writes only links, in a temporary folder. Raises RuleProblem, ShapeProblem and SameFileName.
    """
    check_rules()
    shape = registry.shape(authority)
    with tempfile.TemporaryDirectory() as gathered:
        for file in files:
            link = Path(gathered) / file.name
            if link.exists():
                raise SameFileName(f"{file.name} is given twice; expected each file once")
            link.symlink_to(file.resolve())
        try:
            validation = validate(authority, month, shape, Path(gathered), standing)
        except UserFacingError:
            raise
        except Exception as error:
            if os.environ.get("TF_DEBUG"):
                raise
            validation = ValidationResult(Outcome.HELD, [could_not_validate(error)])
            return DeskCheckResult(_pack(validation, authority, month, standing), False)
    gate = validation.gate
    could_run = gate is None or gate.outcome is not GateOutcome.COULD_NOT_RUN
    return DeskCheckResult(_pack(validation, authority, month, standing), could_run)


def _pack(
    validation: ValidationResult, authority: str, month: str, standing: dict[str, int]
) -> Pack:
    names = {one.dataset: one.file_name for one in validation.opened}
    accepted = validation.outcome is Outcome.ACCEPTED
    # a delivery is accepted or refused as a whole: a refused one has no accepted row
    datasets = [
        DatasetLine(name, names[name], delivered, good if accepted else 0, aside)
        for name, (delivered, good, aside) in validation.rows.items()
    ]
    critical = [f for f in validation.findings if f.severity == "critical"]
    if validation.outcome is Outcome.NOT_DELIVERED:
        files = ", ".join(
            sorted({f"'{d.files}'" for d in registry.shape(authority).datasets.values()})
        )
        reason, _ = message_text("FILES_UNKNOWN", patterns=files)
    else:
        reason = str(critical[0]) if critical else ""
    findings = [
        *validation.findings,
        *unknown_headings(validation.named),
        *(
            unknown_words(validation.rules, validation.named, validation.parameters)
            if validation.rules
            else ()
        ),
    ]
    gate = validation.gate
    return Pack(
        authority=authority,
        month=month,
        outcome=validation.outcome,
        as_of_month=None,
        reason=reason or None,
        datasets=datasets,
        tasks=tasks_of(findings, None),
        lines=findings,
        gate=f"{suite_name(delivery_key(authority))} "
        + gate_in_words(
            gate.outcome, len(gate.rules), len(gate.failed_rules), gate.rows, gate.in_short
        )
        if gate
        else None,
        notes=[LIMITS, *([] if standing else [NO_COMPARISON])],
        is_check=True,
    )
