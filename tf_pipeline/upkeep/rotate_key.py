"""`tf-pipeline rotate-key`: renews every pseudonym; builds and releases every month again.

It makes the new data in a separate folder, under the write lock. The new data replaces the old
only when it is complete and no figure has changed.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from tf_pipeline import paths, progress
from tf_pipeline.errors import UserFacingError
from tf_pipeline.releases.catalogue import FILE_NAME, current_id
from tf_pipeline.releases.queries import latest_releases
from tf_pipeline.upkeep.purge_rows import Purged, refuse_purged
from tf_pipeline.upkeep.recovery import SCRATCH, finish, plan
from tf_pipeline.upkeep.renew_keys import renew_key_map, without_rows_of
from tf_pipeline.vocabulary import ROLE
from tf_pipeline.warehouse.connect import writer
from tf_pipeline.warehouse.keys import ensure_key, make_key, refuse_another_key
from tf_pipeline.warehouse.lock import write_lock


class CannotRotate(UserFacingError):
    """The key does not change; the message says why, and what to do first."""


@dataclass(frozen=True)
class RotationResult:
    """The release made with the new key, and which months were built or left out."""

    release_id: str
    months: Sequence[str]
    left_out: Sequence[str]
    pseudonyms: int
    retired: Path


def rotate_key(
    reason: str,
    by: str,
    keep_old: bool,
    leave_out_purged: bool,
    build: Callable[[str, str], str],
) -> RotationResult:
    """Makes a new key and everything that depends on it, or changes nothing.

    `build` builds a month by its fingerprint; it returns an empty text, or says what stopped it.
    Raises CannotRotate, KeyMissing, WarehouseBusy.
    """
    if not ROLE.fullmatch(by) or not reason.strip():
        raise CannotRotate("give the reason with --reason, and who decided it with --by role:NAME")
    with write_lock("rotating the key"):
        if not (current := current_id()) or not paths.warehouse_path().exists():
            raise CannotRotate("Nothing has been published yet, so there is no pseudonym to renew")
        known = latest_releases()
        with writer("what can be built again") as connection:
            refuse_another_key(connection, ensure_key())
            left_out = [month for month in sorted(known) if _is_purged(connection, month)]
        if left_out and not leave_out_purged:
            raise CannotRotate(
                f"{', '.join(left_out)} cannot be built again: deliveries were purged. With "
                "--leave-out-purged the new release keeps the figures of these months, but loses "
                "their rows with pseudonyms. Older releases do not change"
            )
        for left_over in paths.data_dir().glob(f"{SCRATCH}*"):
            shutil.rmtree(left_over, ignore_errors=True)
        scratch = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=paths.data_dir()))
        try:
            months = [month for month in sorted(known) if month not in left_out]
            with writer("recording a rotation") as connection:
                connection.execute("checkpoint")
            _copy(scratch, current)
            with _in_force(scratch):
                count = _renew(reason, by, keep_old, left_out)
                release_id = _build(build, {one: known[one] for one in months}, current)
            retired = f"{datetime.now(UTC):%Y%m%dT%H%M%S}.key"
            plan(scratch, release_id, retired)
        except BaseException:
            shutil.rmtree(scratch, ignore_errors=True)
            raise
        finish()
    old_key = paths.key_path().parent / "retired" / retired
    return RotationResult(release_id, months, left_out, count, old_key)


def _is_purged(connection: duckdb.DuckDBPyConnection, month: str) -> bool:
    try:
        refuse_purged(connection, month)
    except Purged:
        return True
    return False


def _copy(scratch: Path, current: str) -> None:
    """Copies warehouse and current release into the scratch; only their owner may read them."""
    (scratch / "warehouse").mkdir()
    shutil.copyfile(paths.warehouse_path(), scratch / "warehouse" / paths.warehouse_path().name)
    release = scratch / "published" / current
    release.mkdir(parents=True)
    for path in (paths.published_dir() / current).iterdir():
        shutil.copyfile(path, release / path.name)
    (scratch / "published" / "current").symlink_to(current, target_is_directory=True)


def _renew(reason: str, by: str, keep_old: bool, left_out: list[str]) -> int:
    """Makes a new key and pseudonyms; `left_out` months lose their rows with old pseudonyms."""
    key = make_key()
    with writer("renewing pseudonyms") as connection:
        count = renew_key_map(connection, key, keep_old)
        without_rows_of(connection, left_out)
        connection.execute(
            "insert into ops.key_rotations values (now(), ?, ?, ?)", [reason, by, left_out]
        )
    with duckdb.connect(str(paths.current_release_path().resolve())) as release:
        without_rows_of(release, left_out)
    return count


def _build(build: Callable[[str, str], str], fingerprints: Mapping[str, str], before: str) -> str:
    """Builds and publishes every month in the scratch; returns the last release.

    Raises CannotRotate if a month is not published or one of its figures changes.
    """
    for month, fingerprint in fingerprints.items():
        progress.report(f"{month}: building with the new key")
        if stopped := build(month, fingerprint):
            raise CannotRotate(
                f"{month} could not be built with a new key ({stopped}); the old key stays"
            )
    made = current_id()
    if not made or made == before:
        raise CannotRotate("No month could be built again; the old key stays")
    file = paths.published_dir() / made / FILE_NAME
    mode = file.stat().st_mode
    file.chmod(0o600)
    with duckdb.connect(str(file)) as release:
        moved = release.execute(
            "select month, figures_changed from gm.releases "
            "where release_id > ? and figures_changed <> 'none' order by 1",
            [before],
        ).fetchall()
        if moved:
            raise CannotRotate(
                f"a new key must not change a figure, but figures of {moved[0][0]} would change "
                f"({moved[0][1][:200]}). Load that month first, so that changed rules or "
                "deliveries are published separately. The old key stays"
            )
        release.execute("update gm.releases set why = 'key_rotated' where release_id > ?", [before])
    file.chmod(mode)
    return made


@contextmanager
def _in_force(scratch: Path) -> Iterator[None]:
    """Inside this context, every path of this process points into the scratch."""
    before = dict(os.environ)
    os.environ.pop("DAGSTER_HOME", None)
    os.environ["TF_DATA_DIR"] = str(scratch)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
