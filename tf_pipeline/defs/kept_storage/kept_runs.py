"""Dagster's list of runs with its file kept open."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._serdes import ConfigurableClassData

from tf_pipeline.defs.kept_storage.open_files import OpenFiles


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
