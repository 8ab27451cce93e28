"""Releases that are kept: which there are, which is current, and going back to an older one."""

import os
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from tf_pipeline import paths
from tf_pipeline.errors import UserFacingError
from tf_pipeline.releases.release_register import entries, record
from tf_pipeline.warehouse.lock import write_lock

FILE_NAME = "gm_baseline.duckdb"
# time of publication in UTC, then the month
ID = re.compile(r"\d{8}T\d{6}-\d{3}-(\d{4}-\d{2})")
KEEP_DAYS, KEEP_VARIABLE = 90, "TF_KEEP_RELEASE_DAYS"
SHOWN = 5
REMOVING = ".removing-"


class ReleaseProblem(UserFacingError):
    """There is no such release, or it cannot be read; the message says which there are."""


@dataclass(frozen=True)
class Held:
    """One release that is kept, and what its own register says of it."""

    release_id: str
    published_at: datetime
    month: str
    months_held: list[str]
    accepted: int | None
    not_accepted: str
    why: str
    size: int
    is_current: bool


def month_of(release_id: str) -> str:
    """The month that a release added or replaced."""
    return release_id[-7:]


def published_at(release_id: str) -> datetime:
    """When it was published; the id says it."""
    return datetime.strptime(release_id[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def kept_ids() -> list[str]:
    """Releases that are kept, oldest first."""
    folders = paths.published_dir().glob(f"*/{FILE_NAME}")
    return sorted(f.parent.name for f in folders if ID.fullmatch(f.parent.name))


def current_id() -> str | None:
    """The release that analysts see; None where nothing has been published."""
    path = paths.current_release_path()
    return path.resolve().parent.name if path.exists() else None


def point_current_at(release_id: str) -> None:
    """Swaps `current` in one step: a reader sees the one release or the other."""
    link = paths.published_dir() / ".current-next"
    link.unlink(missing_ok=True)
    link.symlink_to(release_id, target_is_directory=True)
    link.replace(paths.published_dir() / "current")


def releases() -> list[Held]:
    """Every release that is kept, newest first."""
    now = current_id()
    return [_held(release_id, now) for release_id in reversed(kept_ids())]


def _held(release_id: str, now: str | None) -> Held:
    folder = paths.published_dir() / release_id
    try:
        said = _said(folder / FILE_NAME, release_id)
    except duckdb.Error:
        said = {"why": "cannot be read"}
    return Held(
        release_id,
        published_at(release_id),
        month_of(release_id),
        (said.get("months_held") or "").split(),
        said.get("authorities_accepted"),
        said.get("authorities_not_accepted") or "",
        said.get("why") or "",
        sum(path.stat().st_size for path in folder.iterdir()),
        release_id == now,
    )


def _said(path: Path, release_id: str) -> dict:
    """The release's own line; columns that it was made without are not in it."""
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(
            "select * exclude (published_at) from gm.releases "
            "order by release_id = ? desc, release_id desc limit 1",
            [release_id],
        )
        names = [column[0] for column in found.description or []]
        row = found.fetchone()
    return dict(zip(names, row, strict=True)) if row else {}


def rollback(wanted: str) -> tuple[Held, str | None]:
    """Points `current` at an older release, by its id or a prefix that no other has.

    Returns it, and the release that was current (None where it was this one already). The next
    publication copies what is current then: a month loaded later is added to what was rolled back
    to, and what was rolled back stays out until its month is loaded again, which no load takes
    for done. The warehouse and the deliveries in it stay as they are.
    Raises ReleaseProblem, WarehouseBusy.
    """
    with write_lock(f"rolling back to {wanted}"):
        release_id, before = _find(wanted), current_id()
        found = _held(release_id, release_id)
        if found.accepted is None:
            raise ReleaseProblem(f"{release_id} cannot be read; the current release stays")
        if release_id == before:
            return found, None
        # first the register: a crash between the two leaves a line too many, not one too few
        record("rolled_back", release_id, before)
        point_current_at(release_id)
    return found, before


def _find(wanted: str) -> str:
    kept = kept_ids()
    found = [one for one in kept if one.startswith(wanted)]
    if wanted in kept:
        return wanted
    if len(found) == 1 and wanted:
        return found[0]
    shown = ", ".join(list(reversed(found if wanted and found else kept))[:SHOWN]) or "none"
    what = f"{len(found)} releases begin" if wanted and found else "No release begins"
    raise ReleaseProblem(f"{what} with '{wanted}'; the newest are: {shown}")


def rolled_back_months(known: dict[str, str]) -> set[str]:
    """Months whose last publication the current release does not hold, and those that rest on it.

    `known` is month → id of its last release, as the current release knows it. What the warehouse
    holds of such months is not what is published, so no load may take them for done.
    """
    ever = {e["release"] for e in entries() if e.get("event") == "published"} | {*kept_ids()}
    undone = {one for one in ever if ID.fullmatch(one) and one > known.get(month_of(one), "")}
    return {
        month
        for month, last in known.items()
        if any(month_of(one) <= month and one > last for one in undone)
    }


def keep_days() -> int:
    """For how many days every release is kept. Raises ReleaseProblem where that is no number."""
    text = os.environ.get(KEEP_VARIABLE, str(KEEP_DAYS))
    if not text.isdecimal():
        raise ReleaseProblem(f"{KEEP_VARIABLE} is '{text}'; expected a number of days, such as 90")
    return int(text)


def last_of_each_month(ids: Iterable[str]) -> set[str]:
    """The newest release of each month."""
    return set({month_of(one): one for one in sorted(ids)}.values())


def out_of_date(now: datetime) -> list[str]:
    """Releases that the rule does not keep.

    Kept are: all of the last days (`TF_KEEP_RELEASE_DAYS`, 90), the last of each month, the
    current one and the one before it.
    """
    ids, current = kept_ids(), current_id()
    since = now - timedelta(days=keep_days())
    keep = last_of_each_month(ids) | {one for one in ids if published_at(one) >= since}
    if current:
        keep |= {current, *[one for one in ids if one < current][-1:]}
    return [one for one in ids if one not in keep]


def prune() -> list[str]:
    """Removes what the rule does not keep; returns the ids.

    Whoever still has one open reads on: on Linux an unlinked file stays readable until closed.
    """
    with write_lock("removing old releases"):
        for left_over in paths.published_dir().glob(f"{REMOVING}*"):
            shutil.rmtree(left_over, ignore_errors=True)
        removed = []
        for release_id in out_of_date(datetime.now(UTC)):
            aside = paths.published_dir() / f"{REMOVING}{release_id}"
            with suppress(OSError):
                # renamed first, so that nobody opens half a release
                (paths.published_dir() / release_id).rename(aside)
                record("removed", release_id)
                removed.append(release_id)
                shutil.rmtree(aside)
    return removed
