"""Checks files at an authority's own desk: validated as in a load, and nothing is stored.

Belongs here: gathering the files, and the fix pack of what was found.
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
from tf_pipeline.seeds.rulebook import check_rules
from tf_pipeline.vocabulary import GateOutcome, Outcome

BEYOND = (
    "This is a check before delivery: the opening and the gate of a load, and what the crosswalks "
    "do not know. Dates and rows that let a delivery pass and cannot be used are found at the load."
)
NO_COMPARISON = "No published month to compare with: whether rows are missing was not judged."


class SameFileName(UserFacingError):
    """Two files of one name cannot be one delivery."""


@dataclass(frozen=True)
class DeskCheckResult:
    """What the files would come to; `is_judged` is false where the program itself failed."""

    pack: Pack
    is_judged: bool


def check_files(
    files: Sequence[Path], authority: str, month: str, standing: dict[str, int]
) -> DeskCheckResult:
    """Judges files, wherever they lie, as the delivery of an authority for a month.

    `standing` is dataset → rows accepted last, to tell whether rows are missing.
    Nothing is written but links in a folder that is gone afterwards. Raises RuleProblem,
    ShapeProblem and SameFileName.
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
            judged = validate(authority, month, shape, Path(gathered), standing)
        except UserFacingError:
            raise
        except Exception as error:
            if os.environ.get("TF_DEBUG"):
                raise
            judged = ValidationResult(Outcome.HELD, [could_not_validate(error)])
            return DeskCheckResult(_pack(judged, authority, month, standing), False)
    could_run = judged.gate is None or judged.gate.outcome is not GateOutcome.COULD_NOT_RUN
    return DeskCheckResult(_pack(judged, authority, month, standing), could_run)


def _pack(judged: ValidationResult, authority: str, month: str, standing: dict[str, int]) -> Pack:
    names = {one.dataset: one.file_name for one in judged.opened}
    accepted = judged.outcome is Outcome.ACCEPTED
    # a delivery is taken or refused as a whole: what is refused has no accepted row
    datasets = [
        DatasetLine(name, names[name], delivered, good if accepted else 0, aside)
        for name, (delivered, good, aside) in judged.rows.items()
    ]
    critical = [f for f in judged.findings if f.severity == "critical"]
    if judged.outcome is Outcome.NOT_DELIVERED:
        files = ", ".join(
            sorted({f"'{d.files}'" for d in registry.shape(authority).datasets.values()})
        )
        reason = f"none of the files is one this authority sends; expected names like {files}"
    else:
        reason = str(critical[0]) if critical else ""
    findings = [
        *judged.findings,
        *unknown_headings(judged.named),
        *(unknown_words(judged.rules, judged.named, judged.parameters) if judged.rules else ()),
    ]
    gate = judged.gate
    return Pack(
        authority=authority,
        month=month,
        outcome=judged.outcome,
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
        notes=[BEYOND, *([] if standing else [NO_COMPARISON])],
        is_check=True,
    )
