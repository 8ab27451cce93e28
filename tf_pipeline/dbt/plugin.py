"""Gives dbt the encrypted warehouse; the key is in no profile, variable or file of dbt's."""

import os
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from tf_pipeline.warehouse.opening import NAME, attach


class Plugin(BasePlugin):
    """Attaches the warehouse before dbt does, which then finds it there."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Nothing is configured."""

    def configure_connection(self, conn: Any) -> None:
        """Called by dbt-duckdb for each new connection."""
        attach(conn, Path(os.environ["TF_WAREHOUSE"]), NAME, read_only=False)
