"""One writer at a time: an operating-system lock, which a killed process always releases."""

import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tf_pipeline import paths
from tf_pipeline.errors import UserFacingError
from tf_pipeline.warehouse.private import only_for_the_owner

WAIT_SECONDS = 600.0
_depth = 0


class WarehouseBusy(UserFacingError):
    """Another process kept the write lock for the whole wait; the message says which."""


@contextmanager
def write_lock(
    purpose: str,
    wait_seconds: float = WAIT_SECONDS,
    waiting: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Holds the write lock; one process may nest it.

    A load holds it from its first delivery to its publication, because the layers in between
    hold only its month. If the lock is not free, `waiting` is called once with the holder.
    Raises WarehouseBusy, naming the holder, after `wait_seconds`.
    """
    global _depth
    if _depth:
        _depth += 1
        try:
            yield
        finally:
            _depth -= 1
        return
    only_for_the_owner()
    path = paths.lock_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a+") as handle:
        _acquire(handle, wait_seconds, waiting)
        handle.truncate(0)
        handle.write(
            f"process {os.getpid()} on {socket.gethostname()}, {purpose}, "
            f"since {time.strftime('%Y-%m-%d %H:%M:%S')}"
        )
        handle.flush()
        _depth = 1
        try:
            yield
        finally:
            _depth = 0
            handle.truncate(0)


def _acquire(handle, wait_seconds: float, waiting: Callable[[str], None] | None) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read() or "another process"
            if time.monotonic() > deadline:
                raise WarehouseBusy(f"the warehouse is in use by {holder}") from None
            if waiting:
                waiting(holder)
                waiting = None
            time.sleep(0.2)
