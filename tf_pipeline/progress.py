"""Progress lines for a person at the terminal; silent unless the CLI listens."""

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr

_listener: Callable[[str], None] | None = None


class _Nowhere(io.TextIOBase):
    """Discards what is written; never closed, because a library's log handler may keep it."""

    def write(self, text: str) -> int:
        return len(text)


@contextmanager
def listening(listener: Callable[[str], None]) -> Iterator[None]:
    """Sends every step's line to `listener`; the terminal shows only those lines.

    Hides what libraries write to stderr unless TF_DEBUG is set: it may quote a value, and on a
    full disk Dagster prints the event that it cannot store.
    """
    global _listener
    terminal = sys.stderr
    libraries = terminal if os.environ.get("TF_DEBUG") else _Nowhere()

    def show(line: str) -> None:
        with redirect_stderr(terminal):
            listener(line)

    _listener = show
    try:
        with redirect_stderr(libraries):
            yield
    finally:
        _listener = None


def report(line: str) -> None:
    """Reports one line about a step that starts or ended; never a value from the data."""
    if _listener:
        _listener(line)
