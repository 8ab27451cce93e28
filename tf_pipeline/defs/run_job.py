"""Runs one of the two jobs at the terminal, in this process, with one instance for all runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import dagster as dg

from tf_pipeline.defs.partitions import show_months
from tf_pipeline.defs.run_heartbeat import run_heartbeat
from tf_pipeline.defs.run_tags import BY_TERMINAL
from tf_pipeline.defs.step_failures import is_interruption
from tf_pipeline.errors import UserFacingError

_open: dg.DagsterInstance | None = None
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class RunEndedEarly(UserFacingError):
    """A run ended outside its steps, so its result is unknown; load again."""


def run_job(
    defs: dg.Definitions, job: str, month: str, tags: dict[str, str]
) -> list[dg.DagsterEvent]:
    """Runs a job for a month; returns the failures of its steps.

    Raises KeyboardInterrupt if somebody stopped it, RunEndedEarly.
    """
    run_id = str(uuid4())
    with one_instance() as instance, run_heartbeat(run_id):
        show_months(instance, [month])
        result = defs.resolve_job_def(job).execute_in_process(
            instance=instance,
            run_id=run_id,
            partition_key=month,
            tags=tags | BY_TERMINAL,
            run_config=QUIET,
            raise_on_error=False,
        )
    events = result.all_events
    # Dagster treats Ctrl-C as a failed step, and continues
    if any(is_interruption(event) for event in events):
        raise KeyboardInterrupt
    failed = [event for event in events if event.is_step_failure]
    if not failed and not any(event.is_job_success for event in events):
        raise RunEndedEarly(
            f"The run of {job} for {month} ended outside its steps. The published baseline is "
            "unchanged. Load the month again"
        )
    return failed


@contextmanager
def one_instance() -> Iterator[dg.DagsterInstance]:
    """Dagster's instance; opened once for all runs of a load."""
    global _open
    if _open is not None:
        yield _open
        return
    with dg.DagsterInstance.get() as _open:
        try:
            yield _open
        finally:
            _open = None
