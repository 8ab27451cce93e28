"""Confirms a held delivery: records who waives its rules and why; the next load applies it."""

import json

from tf_pipeline import paths
from tf_pipeline.deliveries.confirmations import WAIVABLE, last_outcome, record_confirmation
from tf_pipeline.deliveries.waivers import NOT_STOPPING
from tf_pipeline.errors import UserFacingError
from tf_pipeline.vocabulary import ROLE, Outcome


class CannotConfirm(UserFacingError):
    """Nothing can be confirmed; the message says why."""


def confirm_delivery(month: str, authority: str, reason: str, by: str) -> list[str]:
    """Records that a held delivery is right; returns the rules waived for exactly its files.

    Raises CannotConfirm if nothing is held, or if a rule holds it that nobody may waive.
    """
    if not ROLE.fullmatch(by):
        raise CannotConfirm("--by is not a role; expected role:NAME, such as role:data-lead")
    if not reason.strip():
        raise CannotConfirm("--reason is empty; expected why the delivery is right as it is")
    folder = paths.quarantine_dir() / month / authority
    record = folder / "reasons.json"
    held = last_outcome(authority, month) == Outcome.HELD
    if not held or not record.exists():
        raise CannotConfirm(
            f"no delivery of {authority} is held for {month}; expected one that a load has held"
        )
    reasons = json.loads(record.read_text("utf-8"))
    rules = set(reasons["rules"]) - NOT_STOPPING
    if not rules or not rules <= WAIVABLE:
        others = ", ".join(sorted(rules - WAIVABLE)) or "its gate"
        raise CannotConfirm(
            f"{authority} {month} is held by {others}, which nobody may waive; expected the "
            "a corrected delivery, or a corrected crosswalk"
        )
    record_confirmation(authority, month, reasons["file_sha256s"], sorted(rules), reason, by)
    # this file changes the hash of a load's inputs, so that the next load has something to do
    confirmed = {"rules": sorted(rules), "file_sha256s": reasons["file_sha256s"], "by": by}
    (folder / "confirmed.json").write_text(json.dumps(confirmed, indent=2), "utf-8")
    return sorted(rules)
