"""Loads a month at the terminal: the two jobs, then those of later months that depend on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from tf_pipeline.defs.instance import prepare_home
from tf_pipeline.defs.run_job import one_instance, run_job
from tf_pipeline.defs.run_tags import AGAIN, FINGERPRINT, INBOX
from tf_pipeline.defs.step_failures import is_refusal, why_failed
from tf_pipeline.warehouse.lock import write_lock


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
    with write_lock(f"load {month}"), one_instance():
        again_tag = {AGAIN: "yes"} if again else {}
        failed = run_job(defs, "deliveries", month, {INBOX: str(inbox)} | again_tag)
        untried = [why_failed(event) for event in failed if not is_refusal(event)]
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
    tags = {FINGERPRINT: fingerprint} | ({AGAIN: "yes"} if again else {})
    failed = run_job(defs, "baseline", month, tags)
    return LoadResult(month, not failed, "; ".join(why_failed(event) for event in failed))


def rebuild_here(defs: dg.Definitions, month: str, fingerprint: str) -> str:
    """Builds and publishes a month in the current data folder; returns what stopped it, as text."""
    prepare_home()
    return build_baseline(defs, month, fingerprint).stopped
