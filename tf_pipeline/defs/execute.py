"""Executes one job of the code location in this process."""

import warnings
from typing import Any

import dagster as dg


def execute(
    job: str, month: str, tags: dict[str, str], run_config: dict[str, Any]
) -> list[str]:
    """Runs a job for a month; returns why it stopped, one text for each failed step."""
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    from tf_pipeline.definitions import defs

    with dg.DagsterInstance.get() as instance:
        result = defs.resolve_job_def(job).execute_in_process(
            instance=instance,
            partition_key=month,
            tags=tags,
            run_config=run_config,
            raise_on_error=False,
        )
        return [_reason(event) for event in result.all_events if event.is_step_failure]


def _reason(event: dg.DagsterEvent) -> str:
    data = event.step_failure_data
    failure = data.user_failure_data
    if failure is not None and failure.description:
        return f"{event.step_key}: {failure.description}"
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    # the class alone: a message may quote a value
    return f"{event.step_key}: {error.cls_name if error else 'stopped'}"
