"""Gives dbt the encrypted warehouse, without the key in any dbt profile, variable or file."""

import os
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from tf_pipeline.warehouse.opening import NAME, attach


class Plugin(BasePlugin):
    """Attaches the warehouse before dbt does, so that dbt finds it attached."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Does nothing: there is nothing to configure."""

    def configure_connection(self, conn: Any) -> None:
        """Called by dbt-duckdb for each new connection."""
        attach(conn, Path(os.environ["TF_WAREHOUSE"]), NAME, read_only=False)
