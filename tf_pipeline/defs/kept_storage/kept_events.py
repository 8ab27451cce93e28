"""Dagster's event log with the files of its runs kept open."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData

from tf_pipeline.defs.kept_storage.open_files import OpenFiles


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
