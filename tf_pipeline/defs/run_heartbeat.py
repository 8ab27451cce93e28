"""The mark that a run's process is alive: a locked file, which a killed process always releases.

Belongs here: the mark. Does not belong here: what happens to a dead run (`dead_runs.py`).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tf_pipeline import paths
from tf_pipeline.files import file_lock

_ours: set[str] = set()


@contextmanager
def run_heartbeat(run_id: str) -> Iterator[None]:
    """Inside this context, and while this process lives, the run counts as alive."""
    if not run_id or run_id in _ours:
        yield
        return
    path = _mark(run_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file_lock(path):
        _ours.add(run_id)
        try:
            yield
        finally:
            _ours.discard(run_id)
            path.unlink(missing_ok=True)


def is_alive(run_id: str, started: float, grace: float) -> bool:
    """Whether a run's process lives; `grace` is the seconds in which it may have no mark yet."""
    if run_id in _ours:
        return True
    path = _mark(run_id)
    if not path.exists():
        return time.time() - started < grace
    try:
        with file_lock(path, wait=False):
            return False
    except BlockingIOError:
        return True


def forget_heartbeat(run_id: str) -> None:
    """Removes the mark of a run that is closed."""
    _mark(run_id).unlink(missing_ok=True)


def _mark(run_id: str) -> Path:
    return paths.dagster_home() / "living" / run_id
