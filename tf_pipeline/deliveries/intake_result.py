"""What became of a delivery."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tf_pipeline.deliveries.select_delivery import Candidate
from tf_pipeline.findings import Finding
from tf_pipeline.quality.gate_result import GateResult
from tf_pipeline.vocabulary import Outcome


@dataclass(frozen=True)
class IntakeResult:
    """What became of a delivery; `rows` is dataset → (delivered, accepted, set aside)."""

    authority: str
    month: str
    outcome: Outcome
    findings: Sequence[Finding] = ()
    gate: GateResult | None = None
    rows: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    files: Sequence[str] = ()
    coming: Candidate = field(default_factory=Candidate)
    # it stood already, and nothing that it was judged by has changed
    is_unchanged: bool = False

    @property
    def reason(self) -> str:
        """The first thing that stopped it, in words; empty where nothing did."""
        critical = [f for f in self.findings if f.severity == "critical"]
        return str(critical[0]) if critical and self.outcome != Outcome.ACCEPTED else ""
