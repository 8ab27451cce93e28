"""What the tags of a run ask of it, and who started it.

Belongs here: the tags and their meaning. Does not belong here: starting a run (`run_job.py`).
"""

from pathlib import Path

import dagster as dg

from tf_pipeline import paths

# a run with this tag validates every delivery and builds every table, even unchanged ones
AGAIN = "tf/again"
INBOX = "tf/inbox"
FINGERPRINT = "tf/fingerprint"
# no retries by the daemon: the person who killed the run starts it again
BY_TERMINAL = {"tf/by": "cli", "dagster/max_retries": "0"}


def is_again(context: dg.AssetExecutionContext) -> bool:
    """Whether the run validates and builds everything, even what is unchanged."""
    return context.run.tags.get(AGAIN) == "yes"


def inbox_of(context: dg.AssetExecutionContext) -> Path:
    """The inbox named in the run's tag, otherwise the configured one."""
    named = context.run.tags.get(INBOX)
    return Path(named) if named else paths.inbox_dir()


def fingerprint_of(context: dg.AssetExecutionContext) -> str:
    """What a load found in the inbox and the rules; empty for a run that did not look."""
    return context.run.tags.get(FINGERPRINT, "")


def is_by_terminal(run: dg.DagsterRun) -> bool:
    """Whether a load at the terminal started the run."""
    return run.tags.get("tf/by") == BY_TERMINAL["tf/by"]
