"""Runs a month at the terminal: the same two Dagster jobs, in this process, with one instance."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import dagster as dg

from tf_pipeline.defs.assets.delivery import AGAIN
from tf_pipeline.defs.instance import prepare_home
from tf_pipeline.defs.partitions import show_months
from tf_pipeline.defs.run_heartbeat import run_heartbeat
from tf_pipeline.errors import UserFacingError
from tf_pipeline.files import DiskFull, is_full
from tf_pipeline.warehouse.lock import write_lock

# no retries by the daemon: the person who killed the run starts it again
BY_TERMINAL = {"tf/by": "cli", "dagster/max_retries": "0"}
_open: dg.DagsterInstance | None = None
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class RunEndedEarly(UserFacingError):
    """A run ended outside its steps, so its result is unknown; load again."""


@dataclass(frozen=True)
class LoadResult:
    """The result of loading one month; `stopped` says why nothing was published."""

    month: str
    published: bool
    stopped: str = ""


def load_month(
    defs: dg.Definitions,
    month: str,
    inbox: Path,
    fingerprint: str,
    later: Sequence[str] = (),
    again: bool = False,
) -> LoadResult:
    """Loads a month's deliveries and builds its baseline, then those of later months.

    `later` are months already published that depend on this one. `again` validates every delivery
    and builds every table, even unchanged ones.
    Raises WarehouseBusy if another load keeps the warehouse, RunEndedEarly, and
    KeyboardInterrupt if somebody stopped it. A delivery that could not be processed stops the
    month: otherwise the release would say that nothing was delivered.
    """
    with write_lock(f"load {month}"), _instance():
        again_tag = {AGAIN: "yes"} if again else {}
        failed = _execute(defs, "deliveries", month, {"tf/inbox": str(inbox)} | again_tag)
        untried = [_reason(event) for event in failed if not _is_refusal(event)]
        if untried:
            return LoadResult(month, published=False, stopped="; ".join(untried))
        result = build_baseline(defs, month, fingerprint, again)
        if not result.published:
            return result
        # "" instead of a fingerprint: their deliveries are not checked here, so the next load must
        rebuilt = [build_baseline(defs, other, "") for other in later]
        stopped = [f"{one.month} was not rebuilt ({one.stopped})" for one in rebuilt if one.stopped]
    return LoadResult(month, published=True, stopped="; ".join(stopped))


def build_baseline(
    defs: dg.Definitions, month: str, fingerprint: str, again: bool = False
) -> LoadResult:
    """Builds and publishes a month from the current deliveries, without ingesting any."""
    tags = {"tf/fingerprint": fingerprint} | ({AGAIN: "yes"} if again else {})
    failed = _execute(defs, "baseline", month, tags)
    return LoadResult(month, not failed, "; ".join(_reason(event) for event in failed))


def rebuild_here(defs: dg.Definitions, month: str, fingerprint: str) -> str:
    """Builds and publishes a month in the current data folder; returns what stopped it, as text."""
    prepare_home()
    return build_baseline(defs, month, fingerprint).stopped


def _execute(
    defs: dg.Definitions, job: str, month: str, tags: dict[str, str]
) -> list[dg.DagsterEvent]:
    """Runs a job for a month; returns the failures of its steps."""
    run_id = str(uuid4())
    with _instance() as instance, run_heartbeat(run_id):
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
    if any(_is_interruption(event) for event in events):
        raise KeyboardInterrupt
    failed = [event for event in events if event.is_step_failure]
    if not failed and not any(event.is_job_success for event in events):
        raise RunEndedEarly(
            f"The run of {job} for {month} ended outside its steps; what stood stands. Load again"
        )
    return failed


@contextmanager
def _instance() -> Iterator[dg.DagsterInstance]:
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


def _is_interruption(event: dg.DagsterEvent) -> bool:
    reason = event.job_failure_data.failure_reason if event.is_job_failure else None
    return reason is not None and reason.value == "UNEXPECTED_TERMINATION"


def _is_refusal(event: dg.DagsterEvent) -> bool:
    """Whether a delivery was refused and recorded, and not just left unprocessed."""
    failure = event.step_failure_data.user_failure_data
    return failure is not None and "outcome" in failure.metadata


def _reason(event: dg.DagsterEvent) -> str:
    data = event.step_failure_data
    failure = data.user_failure_data
    if failure is not None and failure.description:
        return f"{event.step_key}: {failure.description}"
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    if error and is_full(OSError(error.message)):
        return f"{event.step_key}: {DiskFull(f'{event.step_key} was made')}"
    # only the class: a message may quote a value
    return f"{event.step_key}: {error.cls_name if error else 'stopped'}"
