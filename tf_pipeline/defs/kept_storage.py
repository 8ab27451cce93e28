"""Dagster's own SQLite storage, but each file is opened once and not for every event.

Belongs here: keeping connections open. Dagster decides what it stores, and where.

A load stores about seven hundred events. For each one Dagster opens and closes a file, and SQLite
then waits for the disk a dozen times. Here a file stays open, in Dagster's write-ahead mode, and
SQLite waits for the disk only when it merges that log into the file (`synchronous=normal`).
Committed events survive a killed process. After a power cut the history of runs may lack its last
lines, but no data is lost: DuckDB itself syncs the files of the warehouse and the releases.
Written for dagster 1.13; `tests/integration/test_kept_between_loads.py` checks that.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData

from tf_pipeline.files import file_lock

# the index of all runs, the current run, and one that a page shows
FILES_KEPT_OPEN = 3
BUSY_SECONDS = 30


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


class OpenFiles:
    """Engines with one open connection each; closes the least recently used of too many."""

    def __init__(self) -> None:
        self._engines: OrderedDict[str, sqlalchemy.Engine] = OrderedDict()

    def engine(self, address: str) -> sqlalchemy.Engine:
        """The engine of an SQLite address; opens it if necessary."""
        if address not in self._engines:
            self._engines[address] = _opened(address)
            if len(self._engines) > FILES_KEPT_OPEN:
                self._engines.popitem(last=False)[1].dispose()
        self._engines.move_to_end(address)
        return self._engines[address]

    def close(self) -> None:
        """Closes every file."""
        while self._engines:
            self._engines.popitem()[1].dispose()


class KeptEvents(SqliteEventLogStorage):
    """The event log; each run's file and the index stay open."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._open = OpenFiles()
        self._known: dict[str, tuple[Path, str]] = {}
        super().__init__(base_dir, inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sqlalchemy.Connection]:
        with self._db_lock:
            path, address = self._addresses(shard)
            if not path.exists():
                # somebody removed the file, so others no longer read the one that is open here
                self._open.close()
                self._initialized_dbs.discard(shard)
            engine = self._open.engine(address)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _addresses(self, shard: str) -> tuple[Path, str]:
        """Path and address of a file, cached because Dagster asks for every event."""
        if shard not in self._known:
            self._known[shard] = (
                Path(self.path_for_shard(shard)),
                self.conn_string_for_shard(shard),
            )
        return self._known[shard]

    def wipe(self) -> None:
        """Closes every file, then removes all events as Dagster does."""
        self._open.close()
        super().wipe()

    def dispose(self) -> None:
        """Closes every file."""
        super().dispose()
        self._open.close()


class KeptRuns(SqliteRunStorage):
    """The list of runs; its file stays open."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._open = OpenFiles()
        super().__init__(conn_string, inst_data)

    @contextmanager
    def connect(self) -> Iterator[sqlalchemy.Connection]:
        """A transaction on the kept connection of the calling thread."""
        with self._open.engine(self._conn_string).begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Closes the file."""
        super().dispose()
        self._open.close()


def _opened(address: str) -> sqlalchemy.Engine:
    engine = sqlalchemy.create_engine(address, connect_args={"timeout": BUSY_SECONDS})

    @sqlalchemy.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _: Any) -> None:
        connection.execute("pragma synchronous = normal")

    return engine
