"""Runs a month at the terminal: the same two Dagster jobs, in this process, on the same instance."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tf_pipeline.defs.instance import prepare_home
from tf_pipeline.defs.months import remember_month
from tf_pipeline.warehouse.lock import write_lock

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Loaded:
    """What a load of one month came to; `stopped` says why nothing was published."""

    month: str
    published: bool
    stopped: str = ""


def load_month(
    month: str, inbox: Path, fingerprint: str, later: Sequence[tuple[str, str]] = ()
) -> Loaded:
    """Loads a month's deliveries and builds its baseline, then those of later months.

    `later` is (month, fingerprint) of months already published, which rest on this one.
    Raises WarehouseBusy where another load keeps the warehouse.
    """
    prepare_home()
    remember_month(month)
    with write_lock(f"load {month}"):
        # the months must be known before the definitions are made
        from tf_pipeline.defs.execute import execute

        execute("deliveries", month, {"tf/inbox": str(inbox), "tf/by": "cli"}, QUIET)
        result = _baseline(month, fingerprint)
        if result.published:
            for other, its_fingerprint in later:
                _baseline(other, its_fingerprint)
    return result


def _baseline(month: str, fingerprint: str) -> Loaded:
    from tf_pipeline.defs.execute import execute

    tags = {"tf/fingerprint": fingerprint, "tf/by": "cli"}
    stopped = execute("baseline", month, tags, QUIET)
    return Loaded(month, not stopped, "; ".join(stopped))
