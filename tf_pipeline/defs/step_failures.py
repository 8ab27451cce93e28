"""What Dagster's events say of steps that failed: refused, interrupted, or why."""

import dagster as dg

from tf_pipeline.files import DiskFull, is_full


def is_interruption(event: dg.DagsterEvent) -> bool:
    """Whether somebody stopped the run."""
    reason = event.job_failure_data.failure_reason if event.is_job_failure else None
    return reason is not None and reason.value == "UNEXPECTED_TERMINATION"


def is_refusal(event: dg.DagsterEvent) -> bool:
    """Whether a delivery was refused and recorded, and not just left unprocessed."""
    failure = event.step_failure_data.user_failure_data
    return failure is not None and "outcome" in failure.metadata


def why_failed(event: dg.DagsterEvent) -> str:
    """The failed step and why, without a value of the data."""
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
