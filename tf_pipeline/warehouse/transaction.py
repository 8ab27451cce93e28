"""One transaction: all of it is stored, or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb


@contextmanager
def at_once(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commits what is done within; where anything is raised, also Ctrl-C, nothing of it stays."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
