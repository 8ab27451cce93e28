"""Which files a load ingests for an authority: those in the inbox, or a chosen former delivery.

Belongs here: this rule, and recording the choice. Does not belong here: ingesting (`intake.py`).

A choice holds as long as the inbox has exactly the files that it had at the time of the choice,
because files that arrive later are newer than the choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tf_pipeline.authorities import registry
from tf_pipeline.deliveries import delivery_register as register
from tf_pipeline.deliveries.archive import LandedFile, check, described, keep
from tf_pipeline.errors import UserFacingError
from tf_pipeline.findings import Finding
from tf_pipeline.ingest.find import delivered_files, is_delivered
from tf_pipeline.rules.rule_messages import finding
from tf_pipeline.vocabulary import ROLE


class CannotRedeliver(UserFacingError):
    """There is no such delivery, or no need to choose it; the message lists the deliveries."""


@dataclass(frozen=True)
class Candidate:
    """The files that a load ingests for an authority's month; empty if nothing was delivered.

    choice: the last choice on record, unless the inbox has the chosen delivery itself. If
    `is_chosen`, the files are those of the choice; otherwise those of the inbox.
    """

    files: Sequence[LandedFile] = ()
    choice: register.Entry | None = None
    is_chosen: bool = False

    @property
    def delivery(self) -> str:
        """The id of the delivery; empty if there is none."""
        return register.delivery_id(self.files)

    @property
    def hashes(self) -> list[str]:
        """Content hashes of its files, in one order."""
        return sorted(file.sha256 for file in self.files)

    @property
    def findings(self) -> list[Finding]:
        """A line of the work list if there is a choice: it was used, or it has ended."""
        if self.choice is None:
            return []
        rule = "REDELIVERED" if self.is_chosen else "CHOICE_ENDED"
        return [finding(rule, delivery=self.choice.delivery, role=self.choice.by)]


def select_candidate(authority: str, month: str, folder: Path) -> Candidate:
    """The files that a load would ingest, for a folder of the inbox; stores nothing."""
    return _candidate(authority, month, described(folder, delivered_files(folder)))


def select_and_archive(authority: str, month: str, folder: Path) -> Candidate:
    """The same for a load: files of the inbox are copied to the landing before they are opened.

    A covering note alone is no delivery and is not copied.
    """
    files = delivered_files(folder)
    if not is_delivered(folder, registry.shape(authority)):
        candidate = select_candidate(authority, month, folder)
        return candidate if candidate.is_chosen else Candidate()
    return _candidate(authority, month, keep(folder, files))


def redeliver(
    month: str, authority: str, wanted: str, inbox: Path, *, reason: str, by: str
) -> register.Entry:
    """Records that the next load ingests a former delivery; returns its last line in the register.

    `wanted` is the id of a delivery or its beginning; `inbox` is the inbox of the next load. Raises
    CannotRedeliver, and LandingDamaged if a stored file is missing or changed.
    """
    if not ROLE.fullmatch(by):
        raise CannotRedeliver("--by is not a role; expected role:NAME, such as role:data-lead")
    if not reason.strip():
        raise CannotRedeliver("--reason is empty; expected why the former delivery is right")
    former = _former(month, authority, wanted)
    check(former.files)
    here = described(inbox / month / authority, delivered_files(inbox / month / authority))
    if _candidate(authority, month, here).delivery == former.delivery:
        raise CannotRedeliver(
            f"The next load ingests {former.delivery} anyway; nothing was changed. Expected: "
            f"another delivery of {authority} for {month}. List them: tf-pipeline deliveries "
            f"{month} {authority}"
        )
    beside = register.delivery_id(here)
    register.record_choice(
        authority, month, former.files, beside=beside, by=by, reason=reason.strip()
    )
    return former


def _candidate(authority: str, month: str, here: Sequence[LandedFile]) -> Candidate:
    choice = register.last_choice(authority, month)
    if choice and choice.beside == register.delivery_id(here):
        return Candidate(choice.files, choice, is_chosen=True)
    is_other = choice is not None and choice.delivery != register.delivery_id(here)
    return Candidate(here, choice if is_other else None)


def _former(month: str, authority: str, wanted: str) -> register.Entry:
    known = {one.delivery: one for one in register.entries(month, authority)}
    found = [one for name, one in known.items() if wanted and name.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    problem = f"{len(found)} deliveries begin" if found else "No delivery begins"
    tried = ", ".join(known) or "none; no load has tried a delivery"
    raise CannotRedeliver(
        f"{problem} with '{wanted}' for {authority} {month}; expected one of: {tried}"
    )
