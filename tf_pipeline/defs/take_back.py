"""Takes back a delivery that has landed, since its rows shut a later gate: it is held.

Belongs here: putting back what stood before it, and what is said of it.
Does not belong here: whose fault it is (`blame.py`), recording a refusal (`accept.py`).
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tf_pipeline.authorities import registry
from tf_pipeline.defs.accept import Taken, as_landed, refuse
from tf_pipeline.defs.blame import Blame
from tf_pipeline.defs.coming import Coming
from tf_pipeline.defs.judge import Judged, judge
from tf_pipeline.findings import Finding
from tf_pipeline.quality.in_words import found_in_words
from tf_pipeline.vocabulary import Outcome
from tf_pipeline.warehouse import delivery_register as register
from tf_pipeline.warehouse.confirmations import waived
from tf_pipeline.warehouse.connect import writer
from tf_pipeline.warehouse.landed_files import LandedFile, lay_out
from tf_pipeline.warehouse.landing import replace_month, standing_rows

LATER_GATE = "LATER_GATE"
NOTHING = Judged(Outcome.NOT_DELIVERED)


def take_back(authority: str, month: str, blames: Sequence[Blame]) -> Taken:
    """Holds what an authority has landed for a month; its last accepted delivery stands again.

    That is the month's former one where there was one, else an earlier month's. The files stay in
    the landing and go to quarantine with the reasons. Raises LandingDamaged, before anything is
    changed, where a file that is needed is no longer in the landing.
    """
    now, *before = reversed(_accepted(authority, month))
    with tempfile.TemporaryDirectory() as opened:
        folder, earlier = Path(opened, "now"), Path(opened, "before")
        judged = _judged(authority, month, now.files, folder)
        stood = _judged(authority, month, before[0].files, earlier) if before else NOTHING
        findings = [_finding(judged, one) for one in blames]
        with writer(f"taking back {authority} {month}") as connection:
            # by the rules of today: what they would refuse does not come back
            is_back = stood.outcome is Outcome.ACCEPTED
            landed = [as_landed(one) for one in stood.opened] if is_back else []
            replace_month(connection, authority, month, landed, [])
        taken = Taken(
            authority, month, Outcome.HELD, [*findings, *judged.findings], judged.gate,
            judged.rows, judged.files, Coming(now.files),
        )  # fmt: skip
        return refuse(taken, registry.shape(authority), folder, judged.opened)


def _accepted(authority: str, month: str) -> list[register.Entry]:
    """Deliveries of a month whose last outcome is accepted; the one accepted last comes last."""
    last: dict[str, register.Entry] = {}
    for entry in register.entries(month, authority):
        if entry.outcome != register.CHOSEN:
            last.pop(entry.delivery, None)
            last[entry.delivery] = entry
    return [entry for entry in last.values() if entry.outcome == Outcome.ACCEPTED]


def _judged(authority: str, month: str, files: Sequence[LandedFile], folder: Path) -> Judged:
    folder.mkdir()
    lay_out(files, folder)
    word = waived(authority, month, Coming(files).hashes)
    standing = standing_rows(authority, month)
    return judge(authority, month, registry.shape(authority), folder, standing, word)


def _finding(judged: Judged, blame: Blame) -> Finding:
    rule, named = blame.rule, judged.named.get(blame.dataset)
    about = (rule.column or "rows").replace("_", " ")
    return Finding(
        LATER_GATE,
        f"{about} {found_in_words(rule)}. {rule.why} The rows passed the delivery's own gate and "
        f"not that of {blame.table}; what stood before stands. Expected: the delivery sent anew "
        "without that, or the rule mended by GM",
        dataset=blame.dataset if named else None,
        file_name=named.opened.file_name if named else None,
        sheet=named.opened.sheet if named else None,
        row=rule.rows[0] if rule.rows and named else None,
        heading=named.headings.get(rule.column or "") if named else None,
        occurrences=rule.failed or 1,
    )
