"""Files that stay whole and locks that are released when a process is killed; full disks."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tf_pipeline import paths
from tf_pipeline.errors import UserFacingError

FULL = ("no space left on device", "disk is full", "disk quota exceeded")
# size of what a load writes besides the copy of the release: logs, pages, history of runs
BESIDE_BYTES = 50 << 20
LEAST_BYTES = 1 << 19


class DiskFull(UserFacingError):
    """The disk was full; the message says where, during which work, and what to do."""

    def __init__(self, doing: str) -> None:
        free = needed_bytes() / (1 << 20)
        super().__init__(
            f"no space left on the disk of {paths.data_dir()} while {doing}. The published "
            f"baseline is unchanged. Free about {free:,.0f} MB there, then run the command again"
        )


def says_full(text: str) -> bool:
    """Whether a library's message reports a full disk."""
    return any(words in text.lower() for words in FULL)


def is_full(error: BaseException | None) -> bool:
    """Whether an error, or one of its causes, is a full disk.

    A library may report it as another error (an I/O error, a file that cannot be opened).
    Therefore every error counts as a full disk if no space is free now.
    """
    folder = paths.data_dir()
    if error and folder.exists() and shutil.disk_usage(folder).free < LEAST_BYTES:
        return True
    while error is not None:
        if isinstance(error, DiskFull):
            return True
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if says_full(str(error)):
            return True
        error = error.__cause__ or error.__context__
    return False


def needed_bytes() -> int:
    """The approximate free space a load needs: a copied release, a larger warehouse, pages."""
    held = [paths.warehouse_path(), *paths.current_release_path().parent.glob("*")]
    return sum(path.stat().st_size for path in held if path.exists()) + BESIDE_BYTES


def write_whole(path: Path, content: str | bytes, mode: int | None = None) -> None:
    """Writes a file completely or not at all, even if the process dies."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            if mode is not None:
                part.chmod(mode)
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def copy_whole(source: Path, target: Path) -> None:
    """Copies a file completely or not at all, even if the process dies."""
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def file_lock(path: Path, wait: bool = True) -> Iterator[IO[str]]:
    """Holds the operating system's lock on a file; makes the file if it is missing.

    A killed process releases it. Raises BlockingIOError if `wait` is false and it is held.
    """
    with path.open("a+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield handle
