"""SQLite files that stay open: one engine and one connection each, and only a few of them."""

from collections import OrderedDict
from typing import Any

import sqlalchemy

# the index of all runs, the current run, and one that a page shows
FILES_KEPT_OPEN = 3
BUSY_SECONDS = 30


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


def _opened(address: str) -> sqlalchemy.Engine:
    engine = sqlalchemy.create_engine(address, connect_args={"timeout": BUSY_SECONDS})

    @sqlalchemy.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _: Any) -> None:
        connection.execute("pragma synchronous = normal")

    return engine
