"""The result of ingesting a delivery."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tf_pipeline.deliveries.select_delivery import Candidate
from tf_pipeline.findings import Finding
from tf_pipeline.quality.gate_result import GateResult
from tf_pipeline.vocabulary import Outcome


@dataclass(frozen=True)
class IntakeResult:
    """The result for one delivery; `rows` is dataset → (delivered, accepted, set aside)."""

    authority: str
    month: str
    outcome: Outcome
    findings: Sequence[Finding] = ()
    gate: GateResult | None = None
    rows: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    files: Sequence[str] = ()
    candidate: Candidate = field(default_factory=Candidate)
    # it was current before, and nothing that its verdict rests on has changed
    is_unchanged: bool = False

    @property
    def reason(self) -> str:
        """The text of the first critical finding; empty if the delivery is accepted."""
        critical = [f for f in self.findings if f.severity == "critical"]
        return str(critical[0]) if critical and self.outcome != Outcome.ACCEPTED else ""
