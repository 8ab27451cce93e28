"""Which runs still live: a process that dies cannot say so, and its run would look busy for ever.

Dagster's own run monitoring asks the launcher, and the default launcher cannot see a dead process.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from tf_pipeline import paths
from tf_pipeline.files import file_lock

# a run that has just started may not have said yet that it lives
STARTING_SECONDS = 60
_ours: set[str] = set()


@contextmanager
def run_heartbeat(run_id: str) -> Iterator[None]:
    """While it lasts, and this process lives, the run counts as going on."""
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


def fail_dead_runs(instance: dg.DagsterInstance) -> int:
    """Marks runs whose process is gone as failed, or cancelled where somebody asked for that.

    Else the daemon's queue would wait for them for ever. Returns how many.
    """
    statuses = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    closed = 0
    for record in instance.get_run_records(dg.RunsFilter(statuses=statuses)):
        run = record.dagster_run
        # a run of the terminal has its mark before it is known: without one it is gone; one done
        # again in the UI bears the first one's tags
        is_terminals = run.tags.get("tf/by") == "cli" and run.parent_run_id is None
        grace = 0 if is_terminals else STARTING_SECONDS
        if _is_alive(run.run_id, record.start_time or time.time(), grace):
            continue
        if run.status is dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, "It was to be cancelled, and its process is gone")
        else:
            instance.report_run_failed(run, "The process of this run is gone")
        _mark(run.run_id).unlink(missing_ok=True)
        closed += 1
    return closed


def fail_dead_runs_here() -> None:
    """The same for whoever starts no run, since a load has nothing to do."""
    with dg.DagsterInstance.get() as instance:
        fail_dead_runs(instance)


def _is_alive(run_id: str, started: float, grace: float) -> bool:
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


def _mark(run_id: str) -> Path:
    return paths.dagster_home() / "living" / run_id
