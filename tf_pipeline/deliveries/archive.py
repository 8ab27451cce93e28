"""The landing: every delivered file, unchanged, under the hash of its content.

Belongs here: storing, finding and checking files; a stored file is never written again.
Does not belong here: which delivery a file is of (`delivery_register.py`), rows (`landing.py`).
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tf_pipeline import paths
from tf_pipeline.errors import UserFacingError
from tf_pipeline.rules.rule_messages import message_text
from tf_pipeline.warehouse.json_lines import sync_folder
from tf_pipeline.warehouse.lock import write_lock

ARRIVING = ".arriving-"


class LandingDamaged(UserFacingError):
    """A stored file is missing or changed; `problem` names it, the message adds what to do."""

    def __init__(self, problem: str) -> None:
        super().__init__(message_text("LANDING_DAMAGED", problem=problem)[0])
        self.problem = problem


@dataclass(frozen=True, order=True)
class LandedFile:
    """One file of a delivery: its name within the delivery's folder, content hash and size."""

    name: str
    sha256: str
    bytes: int


def stored_path(file: LandedFile) -> Path:
    """The path of a file's content in the landing."""
    return _files_dir() / file.sha256


def stored_files() -> list[Path]:
    """Every complete file in the landing."""
    return sorted(p for p in _files_dir().glob("*") if not p.name.startswith(ARRIVING))


def described(folder: Path, files: Sequence[Path]) -> tuple[LandedFile, ...]:
    """Name, hash and size of files in a delivery's folder; stores nothing."""
    return tuple(sorted(_described(folder, path, path) for path in files))


def keep(folder: Path, files: Sequence[Path]) -> tuple[LandedFile, ...]:
    """Stores files of a delivery's folder; does not store the same content twice.

    A file appears under its hash only when it is complete. Raises WarehouseBusy, OSError.
    """
    with write_lock("keeping delivered files"):
        _files_dir().mkdir(parents=True, exist_ok=True, mode=0o700)
        for private in (paths.landing_dir(), _files_dir()):
            private.chmod(0o700)
        for left_over in _files_dir().glob(f"{ARRIVING}*"):
            left_over.unlink()
        return tuple(sorted(_keep(folder, path) for path in files))


def lay_out(files: Sequence[LandedFile], folder: Path) -> None:
    """Links stored files into an empty folder under their delivered names.

    Raises LandingDamaged if a stored file is missing or changed.
    """
    check(files)
    for file in files:
        link = folder / file.name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(stored_path(file))


def check(files: Sequence[LandedFile]) -> None:
    """Raises LandingDamaged if a stored file is missing or changed."""
    for file in files:
        path = stored_path(file)
        if not path.is_file():
            raise LandingDamaged(f"{file.name} is missing from the landing ({path})")
        if _sha256(path) != file.sha256:
            raise LandingDamaged(
                f"{file.name} in the landing is not what was delivered: {path} was changed, so its "
                "name is not the hash of its content"
            )


def _files_dir() -> Path:
    return paths.landing_dir() / "files"


def _keep(folder: Path, path: Path) -> LandedFile:
    file = _described(folder, path, path)
    if stored_path(file).exists():
        return file
    handle, name = tempfile.mkstemp(prefix=ARRIVING, dir=_files_dir())
    arriving = Path(name)
    try:
        with path.open("rb") as source, os.fdopen(handle, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
            target.flush()
            os.fchmod(target.fileno(), 0o400)
            os.fsync(target.fileno())
        # the file may have changed since the first read; the stored copy decides
        file = _described(folder, path, arriving)
        arriving.rename(stored_path(file))
    finally:
        arriving.unlink(missing_ok=True)
    sync_folder(_files_dir())
    return file


def _described(folder: Path, path: Path, content: Path) -> LandedFile:
    name = path.relative_to(folder).as_posix()
    return LandedFile(name, _sha256(content), content.stat().st_size)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
