"""The kept releases: their list, the current one, and the return to an older one."""

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
    """The release does not exist or cannot be read; the message lists the newest ones."""


@dataclass(frozen=True)
class Held:
    """One kept release, described by its own `gm.releases` table."""

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
    """The publication time, read from the id."""
    return datetime.strptime(release_id[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def kept_ids() -> list[str]:
    """Releases that are kept, oldest first."""
    folders = paths.published_dir().glob(f"*/{FILE_NAME}")
    return sorted(f.parent.name for f in folders if ID.fullmatch(f.parent.name))


def current_id() -> str | None:
    """The release that analysts see; None if nothing has been published."""
    path = paths.current_release_path()
    return path.resolve().parent.name if path.exists() else None


def point_current_at(release_id: str) -> None:
    """Swaps `current` in one step: a reader sees either the old or the new release."""
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
        row = _own_row(folder / FILE_NAME, release_id)
    except duckdb.Error:
        row = {"why": "cannot be read"}
    return Held(
        release_id,
        published_at(release_id),
        month_of(release_id),
        (row.get("months_held") or "").split(),
        row.get("authorities_accepted"),
        row.get("authorities_not_accepted") or "",
        row.get("why") or "",
        sum(path.stat().st_size for path in folder.iterdir()),
        release_id == now,
    )


def _own_row(path: Path, release_id: str) -> dict:
    """The release's own row, without columns that did not exist when it was made."""
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
    """Points `current` at an older release, given by its id or a unique prefix.

    Returns that release and the one that was current before (None if it did not change). The
    next publication copies the release that is then current, and adds its month to it. A month
    that was rolled back stays out until it is loaded again; the next load always rebuilds it.
    The warehouse and its deliveries do not change.
    Raises ReleaseProblem, WarehouseBusy.
    """
    with write_lock(f"rolling back to {wanted}"):
        release_id, before = _find(wanted), current_id()
        found = _held(release_id, release_id)
        if found.accepted is None:
            raise ReleaseProblem(f"{release_id} cannot be read; the current release stays")
        if release_id == before:
            return found, None
        # the register is written first: a crash then leaves one line too many, never one too few
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
    """Months whose last publication is not in the current release, and months that depend on them.

    `known` is month → id of its last release, according to the current release. For these months
    the warehouse differs from what is published, so the next load must rebuild them.
    """
    ever = {e["release"] for e in entries() if e.get("event") == "published"} | {*kept_ids()}
    undone = {one for one in ever if ID.fullmatch(one) and one > known.get(month_of(one), "")}
    return {
        month
        for month, last in known.items()
        if any(month_of(one) <= month and one > last for one in undone)
    }


def keep_days() -> int:
    """How many days every release is kept. Raises ReleaseProblem if that is not a number."""
    text = os.environ.get(KEEP_VARIABLE, str(KEEP_DAYS))
    if not text.isdecimal():
        raise ReleaseProblem(f"{KEEP_VARIABLE} is '{text}'; expected a number of days, such as 90")
    return int(text)


def last_of_each_month(ids: Iterable[str]) -> set[str]:
    """The newest release of each month."""
    return set({month_of(one): one for one in sorted(ids)}.values())


def out_of_date(now: datetime) -> list[str]:
    """Releases that the rule does not keep.

    The rule keeps all releases of the last days (`TF_KEEP_RELEASE_DAYS`, 90), the last release
    of each month, the current release and the one before it.
    """
    ids, current = kept_ids(), current_id()
    since = now - timedelta(days=keep_days())
    keep = last_of_each_month(ids) | {one for one in ids if published_at(one) >= since}
    if current:
        keep |= {current, *[one for one in ids if one < current][-1:]}
    return [one for one in ids if one not in keep]


def prune() -> list[str]:
    """Removes the releases that the rule does not keep; returns their ids.

    A reader who has one open can read on: on Linux an unlinked file stays readable until closed.
    """
    with write_lock("removing old releases"):
        for left_over in paths.published_dir().glob(f"{REMOVING}*"):
            shutil.rmtree(left_over, ignore_errors=True)
        removed = []
        for release_id in out_of_date(datetime.now(UTC)):
            aside = paths.published_dir() / f"{REMOVING}{release_id}"
            with suppress(OSError):
                # rename first, so that nobody opens half a release
                (paths.published_dir() / release_id).rename(aside)
                record("removed", release_id)
                removed.append(release_id)
                shutil.rmtree(aside)
    return removed
