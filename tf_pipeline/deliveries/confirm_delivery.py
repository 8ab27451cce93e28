"""Takes a person's word for a held delivery: on record, and in force at the month's next load."""

import json

from tf_pipeline import paths
from tf_pipeline.deliveries.confirmations import WAIVABLE, last_outcome, record_confirmation
from tf_pipeline.deliveries.waivers import NOT_STOPPING
from tf_pipeline.errors import UserFacingError
from tf_pipeline.vocabulary import ROLE, Outcome


class CannotConfirm(UserFacingError):
    """There is nothing that a person's word could take in; the message says why."""


def confirm_delivery(month: str, authority: str, reason: str, by: str) -> list[str]:
    """Records that a held delivery is right; returns the rules waived for exactly its files.

    Raises CannotConfirm where nothing is held, or what holds it is no matter of opinion.
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
    said = json.loads(record.read_text("utf-8"))
    rules = set(said["rules"]) - NOT_STOPPING
    if not rules or not rules <= WAIVABLE:
        others = ", ".join(sorted(rules - WAIVABLE)) or "its gate"
        raise CannotConfirm(
            f"{authority} {month} is held by {others}, which nobody may waive; expected the "
            "delivery sent anew, or the crosswalk mended"
        )
    record_confirmation(authority, month, said["file_sha256s"], sorted(rules), reason, by)
    # the load looks for it: otherwise nothing would have changed since the last one
    known = {"rules": sorted(rules), "file_sha256s": said["file_sha256s"], "by": by}
    (folder / "confirmed.json").write_text(json.dumps(known, indent=2), "utf-8")
    return sorted(rules)
