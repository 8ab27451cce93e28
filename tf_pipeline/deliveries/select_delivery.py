"""Which files a load takes for an authority: the inbox's, or a former delivery that somebody chose.

Belongs here: that rule, and recording the choice. Does not belong here: ingesting (`intake.py`).

A choice holds while the inbox has exactly the files that it had when the choice was made: files
that arrive later are newer than the choice.
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
from tf_pipeline.vocabulary import ROLE, Severity


class CannotRedeliver(UserFacingError):
    """There is no such delivery, or no need to choose it; the message says which there are."""


@dataclass(frozen=True)
class Candidate:
    """The files a load takes for an authority's month; none where nothing was delivered.

    choice: the last one on record, where the inbox held something else when it was made or holds
    something else now; `is_chosen` says which: these files are the choice's, or the inbox's.
    """

    files: Sequence[LandedFile] = ()
    choice: register.Entry | None = None
    is_chosen: bool = False

    @property
    def delivery(self) -> str:
        """What the delivery is known by; empty where there is none."""
        return register.delivery_id(self.files)

    @property
    def hashes(self) -> list[str]:
        """Content hashes of its files, in one order."""
        return sorted(file.sha256 for file in self.files)

    @property
    def findings(self) -> list[Finding]:
        """A line of the month's work list where a choice was followed, or is followed no more."""
        if self.choice is None:
            return []
        about = f"delivery {self.choice.delivery}, chosen by {self.choice.by}"
        if self.is_chosen:
            about += ", is taken again from the landing, not what the inbox holds"
        else:
            about += " beside other files in the inbox, is not taken: what has come since is"
        said = f"{about}. The reason is in the register of deliveries. Expected: nothing more"
        return [Finding("REDELIVERED", said, severity=Severity.INFO, responsible="gm")]


def select_candidate(authority: str, month: str, folder: Path) -> Candidate:
    """What a load would take, given the authority's folder in the inbox; nothing is stored."""
    return _coming(authority, month, described(folder, delivered_files(folder)))


def select_and_archive(authority: str, month: str, folder: Path) -> Candidate:
    """The same, for a load: what the inbox holds is in the landing before anybody judges it.

    A covering note alone is no delivery, and is not kept.
    """
    files = delivered_files(folder)
    if not is_delivered(folder, registry.shape(authority)):
        coming = select_candidate(authority, month, folder)
        return coming if coming.is_chosen else Candidate()
    return _coming(authority, month, keep(folder, files))


def redeliver(
    month: str, authority: str, wanted: str, inbox: Path, *, reason: str, by: str
) -> register.Entry:
    """Records that a former delivery is to be taken again; returns its last line.

    `wanted` is a delivery or how only it begins; `inbox` is where the next load looks. Raises
    CannotRedeliver, and LandingDamaged where a stored file is not what was delivered.
    """
    if not ROLE.fullmatch(by):
        raise CannotRedeliver("--by is not a role; expected role:NAME, such as role:data-lead")
    if not reason.strip():
        raise CannotRedeliver("--reason is empty; expected why the former delivery is taken again")
    former = _former(month, authority, wanted)
    check(former.files)
    here = described(inbox / month / authority, delivered_files(inbox / month / authority))
    if _coming(authority, month, here).delivery == former.delivery:
        raise CannotRedeliver(
            f"{former.delivery} is what the next load takes anyway; nothing was changed. Expected "
            f"another delivery of {authority} for {month}: tf-pipeline deliveries {month} "
            f"{authority}"
        )
    beside = register.delivery_id(here)
    register.record_choice(
        authority, month, former.files, beside=beside, by=by, reason=reason.strip()
    )
    return former


def _coming(authority: str, month: str, here: Sequence[LandedFile]) -> Candidate:
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
    problem = f"{len(found)} deliveries begin" if found else "there is no delivery that begins"
    there = ", ".join(known) or "none that a load has tried"
    raise CannotRedeliver(
        f"{problem} with '{wanted}' for {authority} {month}; expected one of: {there}"
    )
