"""Prepares Dagster's home, so that the terminal, the UI and the daemon share one instance."""

import os
from pathlib import Path

from tf_pipeline import paths
from tf_pipeline.files import copy_whole
from tf_pipeline.warehouse.private import only_for_the_owner


def prepare_home() -> Path:
    """Creates DAGSTER_HOME with this project's instance settings; sets the variable."""
    only_for_the_owner()
    is_ours = "DAGSTER_HOME" not in os.environ
    home = paths.dagster_home()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings = Path(__file__).with_name("dagster.yaml")
    target = home / "dagster.yaml"
    # an engineer's own DAGSTER_HOME keeps its settings
    if not target.exists() or (is_ours and target.read_bytes() != settings.read_bytes()):
        copy_whole(settings, target)
        target.chmod(0o600)
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    return home
