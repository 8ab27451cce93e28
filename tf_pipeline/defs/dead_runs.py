"""Closes runs whose process has died; without this they would look busy forever.

Dagster's run monitoring asks the launcher, and the default launcher cannot see a dead process.
"""

import time

import dagster as dg

from tf_pipeline.defs.run_heartbeat import forget_heartbeat, is_alive
from tf_pipeline.defs.run_tags import is_by_terminal

# a run that has just started may not have its mark yet
STARTING_SECONDS = 60


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
        is_terminals = is_by_terminal(run) and run.parent_run_id is None
        grace = 0 if is_terminals else STARTING_SECONDS
        if is_alive(run.run_id, record.start_time or time.time(), grace):
            continue
        if run.status is dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, "It was to be cancelled, and its process is gone")
        else:
            instance.report_run_failed(run, "The process of this run is gone")
        forget_heartbeat(run.run_id)
        closed += 1
    return closed


def fail_dead_runs_here() -> None:
    """The same for a command that starts no run because there is nothing to load."""
    with dg.DagsterInstance.get() as instance:
        fail_dead_runs(instance)
