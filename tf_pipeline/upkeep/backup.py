"""Backs up and restores what cannot be made again, including the key.

A backup contains the warehouse, the landing, the current release and the last of each month, the
registers and the key. It does not contain the inbox, refused files in quarantine, the history of
runs, or pages that can be made again.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath

from tf_pipeline import paths
from tf_pipeline.deliveries.delivery_register import landed
from tf_pipeline.errors import UserFacingError
from tf_pipeline.releases.catalogue import (
    current_id,
    kept_ids,
    last_of_each_month,
    point_current_at,
)
from tf_pipeline.releases.release_register import register_path
from tf_pipeline.warehouse.keys import ensure_key
from tf_pipeline.warehouse.lock import write_lock
from tf_pipeline.warehouse.private import GROUP_FOLDER, OWNER_FOLDER

MANIFEST = "manifest.json"
PREFIX = "tf-pipeline-"
CHUNK = 1 << 20
# the order of restoring: readers see the releases last
PARTS = ("secrets", "warehouse", "landing", "published")


class BackupProblem(UserFacingError):
    """A backup cannot be made or restored; the message says why and what to do."""


def backup(folder: Path) -> Path:
    """Makes a dated backup in a folder; returns its path. Only its owner may read it.

    Holds the write lock, so that the backup shows one moment. A backup is complete or absent.
    Raises BackupProblem, KeyMissing, WarehouseBusy.
    """
    folder = folder.resolve()
    if folder.is_relative_to(paths.data_dir()):
        raise BackupProblem(
            f"{folder} is in {paths.data_dir()}: whatever destroys the data would destroy the "
            "backup too. Name a folder elsewhere"
        )
    target = folder / f"{PREFIX}{datetime.now(UTC):%Y%m%dT%H%M%S}"
    making = folder / f".making-{target.name}"
    with write_lock(f"backing up to {folder}"), _report_disk_problems(f"the backup in {folder}"):
        if not paths.warehouse_path().exists():
            raise BackupProblem("Nothing has been loaded yet, so there is nothing to back up")
        ensure_key()
        folder.mkdir(parents=True, exist_ok=True)
        making.mkdir(mode=0o700)
        try:
            files = {
                source.relative_to(paths.data_dir()).as_posix(): _copy(source, making)
                for source in _sources()
            }
            about = {"current": current_id(), "files": files}
            (making / MANIFEST).write_text(json.dumps(about, indent=1))
            (making / MANIFEST).chmod(0o600)
            making.rename(target)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
    return target


def _sources() -> Iterator[Path]:
    yield paths.key_path()
    yield paths.warehouse_path()
    # left by a killed writer; DuckDB applies it when the warehouse is next opened
    log = paths.warehouse_path().with_name(paths.warehouse_path().name + ".wal")
    if log.exists():
        yield log
    # deliveries that a correction replaced exist nowhere else
    yield from landed()
    if register_path().exists():
        yield register_path()
    kept = last_of_each_month(kept_ids()) | ({current_id()} - {None})
    for release_id in sorted(one for one in kept if one):
        yield from sorted((paths.published_dir() / release_id).iterdir())


def _copy(source: Path, into: Path) -> dict[str, str | int]:
    """Copies one file to its place below a folder; returns its hash and mode for the manifest."""
    target = into / source.relative_to(paths.data_dir())
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(source, target)
    target.chmod(0o600)
    expected = _hash(source)
    if _hash(target) != expected:
        raise BackupProblem(f"{target} differs from what was written; try another disk")
    return {"sha256": expected, "mode": source.stat().st_mode & 0o777}


def restore(folder: Path) -> str | None:
    """Restores a backup into an empty data folder; returns the release that is then current.

    Checks every hash first; if one is wrong, it restores nothing.
    Raises BackupProblem, WarehouseBusy.
    """
    folder = folder.resolve()
    about = _manifest(folder)
    with (
        write_lock(f"restoring {folder}"),
        _report_disk_problems(f"the restored data in {paths.data_dir()}"),
    ):
        _refuse_what_is_there()
        wrong = [
            name
            for name, said in about["files"].items()
            if not (folder / name).is_file() or _hash(folder / name) != said["sha256"]
        ]
        if wrong:
            raise BackupProblem(
                f"{wrong[0]} in {folder} is missing or was changed"
                + (f", as are {len(wrong) - 1} more files" if wrong[1:] else "")
                + "; nothing was restored. Use another backup"
            )
        beside = paths.data_dir() / ".restoring"
        shutil.rmtree(beside, ignore_errors=True)
        try:
            for name, said in about["files"].items():
                target = beside / name
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                shutil.copyfile(folder / name, target)
                target.chmod(said["mode"])
                if _hash(target) != said["sha256"]:
                    raise BackupProblem(f"{name} differs from what was written; nothing restored")
            _put_in_place(beside, about["current"])
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return about["current"]


def _put_in_place(beside: Path, current: str | None) -> None:
    """Moves files, then releases, then `current`; undoes everything if it stops midway."""
    moved = []
    try:
        for part in PARTS:
            for source in sorted((beside / part).glob("*")):
                target = paths.data_dir() / part / source.name
                # others may read the releases, but nothing else
                mode = GROUP_FOLDER if part == "published" else OWNER_FOLDER
                if not target.parent.exists():
                    target.parent.mkdir(parents=True)
                    target.parent.chmod(mode)
                if source.is_dir():
                    source.chmod(mode)
                source.rename(target)
                moved.append(target)
        if current:
            point_current_at(current)
    except BaseException:
        for target in moved:
            shutil.rmtree(target) if target.is_dir() else target.unlink()
        raise


def _refuse_what_is_there() -> None:
    held = [paths.key_path(), paths.warehouse_path(), *landed(), *paths.published_dir().glob("*")]
    there = [path for path in held if path.exists()]
    if there:
        raise BackupProblem(
            f"{paths.data_dir()} is not empty ({there[0].relative_to(paths.data_dir())}), and a "
            "restore never overwrites. Move it away, or name an empty folder with TF_DATA_DIR"
        )


def _manifest(folder: Path) -> dict:
    path = folder / MANIFEST
    if not path.is_file():
        there = sorted(p.parent.name for p in folder.glob(f"{PREFIX}*/{MANIFEST}"))
        hint = f". Backups in it: {', '.join(there[-5:])}" if there else ""
        raise BackupProblem(f"{folder} is not a backup: it has no {MANIFEST}{hint}")
    try:
        about = json.loads(path.read_text())
        names = [PurePosixPath(name) for name in about["files"]]
    except (ValueError, KeyError, TypeError):
        raise BackupProblem(f"{path} cannot be read; use another backup") from None
    if any(n.is_absolute() or ".." in n.parts or n.parts[0] not in PARTS for n in names):
        raise BackupProblem(f"{path} names files that no backup has; use another backup")
    return about


def _hash(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def _report_disk_problems(what: str) -> Iterator[None]:
    """Reports a full disk or a missing permission in one sentence."""
    try:
        yield
    except OSError as error:
        raise BackupProblem(f"{what} could not be written: {error.strerror}") from None
