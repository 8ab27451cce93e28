"""The one error of this package: a delivery cannot be accepted as it is."""

from tf_pipeline.findings import Finding
from tf_pipeline.rules.rule_messages import finding
from tf_pipeline.vocabulary import Outcome


class DeliveryProblem(Exception):
    """A delivery is rejected or held; `findings` say what is wrong, where, and what is expected."""

    def __init__(self, findings: list[Finding], outcome: Outcome = Outcome.REJECTED) -> None:
        super().__init__("; ".join(str(finding) for finding in findings))
        self.findings = findings
        self.outcome = outcome


def problem(rule: str, outcome: Outcome = Outcome.REJECTED, **values) -> DeliveryProblem:
    """A DeliveryProblem with one finding; its place and the placeholders of its text are values."""
    return DeliveryProblem([finding(rule, **values)], outcome)
