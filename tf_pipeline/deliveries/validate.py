"""Validates one authority's delivery: opened, named, compared, gated. Loads and desk checks use it.

Belongs here: the order of those steps and the outcome.
Does not belong here: landing (`intake.py`) or refusing (`refuse.py`). Nothing is written here and
no lock is taken.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tf_pipeline.authorities.spec import AuthorityShape
from tf_pipeline.deliveries.confirmations import NOTHING_WAIVED, WAIVABLE, Waiver
from tf_pipeline.deliveries.messages import findings_of_gate, findings_of_headings
from tf_pipeline.deliveries.misdirected import without_misdirected
from tf_pipeline.deliveries.plausibility import findings_of_month
from tf_pipeline.deliveries.waivers import (
    FINAL_RULES,
    NOT_STOPPING,
    apply_waiver,
)
from tf_pipeline.findings import Finding
from tf_pipeline.ingest.delivery_problem import DeliveryProblem
from tf_pipeline.ingest.fields import NamedDataset, gate_parameters, named_datasets, not_asked
from tf_pipeline.ingest.find import delivered_files, is_delivered
from tf_pipeline.ingest.open_delivery import open_delivery
from tf_pipeline.ingest.opened_dataset import OpenedDataset
from tf_pipeline.naming import delivery_key, suite_name
from tf_pipeline.quality.gate import run_gate
from tf_pipeline.quality.gate_result import GateResult
from tf_pipeline.quality.suites import SuiteProblem, read_suite, shares_of_last, usual_rows
from tf_pipeline.vocabulary import GateOutcome, Outcome

# a delivery that is only short of a mapping waits for a person's word; it is not a bad one
HOLDING_RULES = {"HEADING_MISSING", "HEADING_AMBIGUOUS", "ROWS_DO_NOT_BALANCE", *WAIVABLE}


@dataclass(frozen=True)
class ValidationResult:
    """What a delivery comes to; `opened` is empty where it could not be opened or named."""

    outcome: Outcome
    findings: Sequence[Finding] = ()
    gate: GateResult | None = None
    opened: Sequence[OpenedDataset] = ()
    files: Sequence[str] = ()
    # the datasets under canonical names, and what the suite was given
    named: Mapping[str, NamedDataset] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)

    @property
    def rows(self) -> dict[str, tuple[int, int, int]]:
        """Dataset → rows delivered, accepted and set aside."""
        return {
            one.dataset: (one.rows.delivered, one.rows.accepted.height, one.rows.set_aside.height)
            for one in self.opened
        }


def validate(
    authority: str,
    month: str,
    shape: AuthorityShape,
    folder: Path,
    standing: Mapping[str, int],
    word: Waiver | None = None,
) -> ValidationResult:
    """Opens and gates a delivery folder; `standing` is dataset → rows that stand so far.

    A dataset that is not in `standing` has nothing to be compared with: the rule on half the
    usual rows then does not apply. `word` is what a person has waived for these files; where it
    is None there is no warehouse, and nothing is compared with what others or earlier ones sent.
    """
    if not is_delivered(folder, shape):
        return ValidationResult(Outcome.NOT_DELIVERED)
    files = [path.name for path in delivered_files(folder)]
    has_warehouse, word = word is not None, word or NOTHING_WAIVED
    try:
        opened = open_delivery(folder, shape, month, word.rules)
        named = named_datasets(authority, month, opened)
    except DeliveryProblem as problem:
        return ValidationResult(problem.outcome, problem.findings, files=files)
    suspicions = findings_of_month(authority, month, opened, named, has_warehouse)
    opened, named, misdirected = without_misdirected(authority, opened, named, has_warehouse)
    suspicions += misdirected
    if any(f.rule in FINAL_RULES for f in suspicions):
        return ValidationResult(Outcome.REJECTED, suspicions, files=files)
    parameters = gate_parameters(authority, month, opened)
    parameters |= dict.fromkeys((f"{d}_rows_min" for d in shape.datasets), None)
    if "HALF_ROWS" not in word.rules:
        shares = shares_of_last(read_suite(suite_name(delivery_key(authority)), month))
        parameters |= {
            f"{d}_rows_min": math.floor(rows * shares[d])
            for d, rows in standing.items()
            if d in shares
        } | {usual_rows(d): rows for d, rows in standing.items()}
    gate = run_gate(
        suite_name(delivery_key(authority)),
        {name: dataset.frame for name, dataset in named.items()},
        parameters,
        not_asked(authority, month),
        month,
    )
    example_formats = {one.dataset: one.date_formats for one in opened}
    findings = [
        *(finding for one in opened for finding in one.rows.findings),
        *findings_of_balance(opened),
        *apply_waiver(word, suspicions),
        *findings_of_headings(named),
        *findings_of_gate(gate, named, parameters, example_formats, month),
    ]
    critical = {f.rule for f in findings if f.severity == "critical"}
    outcome = outcome_of(gate.outcome, critical)
    return ValidationResult(outcome, findings, gate, opened, files, named, parameters)


def findings_of_balance(opened: Sequence[OpenedDataset]) -> list[Finding]:
    """One finding for each dataset of which rows went missing: a fault of the program."""
    return [
        Finding(
            "ROWS_DO_NOT_BALANCE",
            f"{one.rows.delivered} rows were delivered, {one.rows.accepted.height} accepted and "
            f"{one.rows.set_aside.height} set aside; expected every row in one of the two: the "
            "program has to be mended, and the month loaded again",
            dataset=one.dataset,
            file_name=one.file_name,
            sheet=one.sheet,
            responsible="gm",
        )
        for one in opened
        if one.rows.delivered != one.rows.accepted.height + one.rows.set_aside.height
    ]


def could_not_validate(error: Exception) -> Finding:
    """What is said where the program itself failed; a library's own text may quote a value."""
    what = str(error) if isinstance(error, SuiteProblem) else type(error).__name__
    return Finding(
        "COULD_NOT_BE_TAKEN",
        f"the delivery could not be judged ({what}); nothing is said against it. Expected: "
        "the program or its suite mended, then the delivery loaded again",
        responsible="gm",
    )


def outcome_of(gate: GateOutcome, critical: Collection[str]) -> Outcome:
    """What an opened delivery comes to, by its gate and the critical rules of its findings."""
    if gate is GateOutcome.COULD_NOT_RUN:
        return Outcome.HELD
    stopping = set(critical) - NOT_STOPPING
    if not stopping:
        return Outcome.ACCEPTED
    return Outcome.HELD if stopping <= HOLDING_RULES else Outcome.REJECTED
