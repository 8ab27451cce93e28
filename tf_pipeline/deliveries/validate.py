"""Validates one authority's delivery: opens, names, compares and gates it, for loads and checks.

Belongs here: the order of these steps and the outcome.
Does not belong here: landing (`intake.py`) or refusing (`refuse.py`); nothing is written here.
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
from tf_pipeline.rules.month_rules import MonthRules, month_rules
from tf_pipeline.rules.rule_messages import finding
from tf_pipeline.vocabulary import GateOutcome, Outcome

# if only these rules fail, the delivery is held for a person or a crosswalk row, not rejected
HOLDING_RULES = {"HEADING_MISSING", "HEADING_AMBIGUOUS", "ROWS_DO_NOT_BALANCE", *WAIVABLE}


@dataclass(frozen=True)
class ValidationResult:
    """The outcome of a delivery; `opened` is empty if it could not be opened or named."""

    outcome: Outcome
    findings: Sequence[Finding] = ()
    gate: GateResult | None = None
    opened: Sequence[OpenedDataset] = ()
    files: Sequence[str] = ()
    # the datasets under canonical names, and the parameters of the suite
    named: Mapping[str, NamedDataset] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)
    rules: MonthRules | None = None

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
    waiver: Waiver | None = None,
) -> ValidationResult:
    """Opens and gates a delivery folder; `standing` is dataset → rows of the current delivery.

    The rule on half the usual rows does not apply to a dataset that is not in `standing`. `waiver`
    is what a person has waived for these files. If it is None, there is no warehouse, and the
    delivery is not compared with earlier ones or those of other authorities.
    """
    if not is_delivered(folder, shape):
        return ValidationResult(Outcome.NOT_DELIVERED)
    files = [path.name for path in delivered_files(folder)]
    has_warehouse, waiver = waiver is not None, waiver or NOTHING_WAIVED
    rules = month_rules(authority, month)
    try:
        opened = open_delivery(folder, shape, rules, waiver.rules)
        named = named_datasets(rules, shape.from_workbook, opened)
    except DeliveryProblem as problem:
        return ValidationResult(problem.outcome, problem.findings, files=files)
    suspicions = findings_of_month(authority, month, opened, named, has_warehouse)
    opened, named, misdirected = without_misdirected(rules, opened, named, has_warehouse)
    suspicions += misdirected
    if any(f.rule in FINAL_RULES for f in suspicions):
        return ValidationResult(Outcome.REJECTED, suspicions, files=files)
    parameters = gate_parameters(rules, opened)
    parameters |= dict.fromkeys((f"{d}_rows_min" for d in shape.datasets), None)
    if "HALF_ROWS" not in waiver.rules:
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
        not_asked(rules, shape.from_workbook),
        month,
    )
    example_formats = {one.dataset: one.date_formats for one in opened}
    findings = [
        *(found for one in opened for found in one.rows.findings),
        *findings_of_balance(opened),
        *apply_waiver(waiver, suspicions),
        *findings_of_headings(named),
        *findings_of_gate(gate, named, parameters, example_formats, rules),
    ]
    critical = {f.rule for f in findings if f.severity == "critical"}
    outcome = outcome_of(gate.outcome, critical)
    return ValidationResult(outcome, findings, gate, opened, files, named, parameters, rules)


def findings_of_balance(opened: Sequence[OpenedDataset]) -> list[Finding]:
    """One finding for each dataset that lost rows: an error of the program."""
    return [
        finding(
            "ROWS_DO_NOT_BALANCE",
            delivered=one.rows.delivered,
            accepted=one.rows.accepted.height,
            set_aside=one.rows.set_aside.height,
            dataset=one.dataset,
            file_name=one.file_name,
            sheet=one.sheet,
        )
        for one in opened
        if one.rows.delivered != one.rows.accepted.height + one.rows.set_aside.height
    ]


def could_not_validate(error: Exception) -> Finding:
    """The finding if the program itself fails; a library's own text may quote a value."""
    problem = str(error) if isinstance(error, SuiteProblem) else type(error).__name__
    return finding("NOT_VALIDATED", problem=problem)


def outcome_of(gate: GateOutcome, critical: Collection[str]) -> Outcome:
    """The outcome of an opened delivery, by its gate and the critical rules of its findings."""
    if gate is GateOutcome.COULD_NOT_RUN:
        return Outcome.HELD
    stopping = set(critical) - NOT_STOPPING
    if not stopping:
        return Outcome.ACCEPTED
    return Outcome.HELD if stopping <= HOLDING_RULES else Outcome.REJECTED
