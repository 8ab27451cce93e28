"""Finds runs whose process has died; without this they would look busy forever.

Dagster's run monitoring asks the launcher, and the default launcher cannot see a dead process.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from tf_pipeline import paths
from tf_pipeline.files import file_lock

# a run that has just started may not have its mark yet
STARTING_SECONDS = 60
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


def fail_dead_runs(instance: dg.DagsterInstance) -> int:
    """Marks runs of dead processes as failed, or as cancelled if somebody requested that.

    Otherwise the daemon's queue would wait for them forever. Returns how many.
    """
    statuses = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    closed = 0
    for record in instance.get_run_records(dg.RunsFilter(statuses=statuses)):
        run = record.dagster_run
        # a run from the terminal gets its mark before Dagster knows it: without a mark it is dead;
        # a run repeated in the UI has the tags of the first run, but also a parent
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
    """The same for a command that starts no run because there is nothing to load."""
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
