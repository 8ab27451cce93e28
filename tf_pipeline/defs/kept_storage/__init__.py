"""Dagster's own SQLite storage, but each file is opened once and not for every event.

Belongs here: keeping connections open. Dagster decides what it stores, and where.

A load stores about seven hundred events. For each one Dagster opens and closes a file, and SQLite
then waits for the disk a dozen times. Here a file stays open, in Dagster's write-ahead mode, and
SQLite waits for the disk only when it merges that log into the file (`synchronous=normal`).
Committed events survive a killed process. After a power cut the history of runs may lack its last
lines, but no data is lost: DuckDB itself syncs the files of the warehouse and the releases.
Written for dagster 1.13; `tests/integration/test_kept_between_loads.py` checks that.
"""

from pathlib import Path
from typing import Any

from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData

from tf_pipeline.defs.kept_storage.kept_events import KeptEvents
from tf_pipeline.defs.kept_storage.kept_runs import KeptRuns
from tf_pipeline.files import file_lock


class KeptStorage(DagsterSqliteStorage):
    """Runs, events and schedules in one folder, in the layout of `DagsterSqliteStorage`."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self.base_dir = base_dir
        history = Path(base_dir) / "history"
        # without the lock, two processes that make the files would both write a version into them
        with file_lock(Path(base_dir) / "storage.lock"):
            self._run_storage = KeptRuns.from_local(f"{history}/")
            self._event_log_storage = KeptEvents(f"{history / 'runs'}/")
            self._schedule_storage = SqliteScheduleStorage.from_local(f"{base_dir}/schedules")
        self._inst_data = inst_data
        super(DagsterSqliteStorage, self).__init__()

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData, config_value: Any
    ) -> "KeptStorage":
        """Makes the storage that `dagster.yaml` names."""
        return cls.from_local(inst_data=inst_data, **config_value)
