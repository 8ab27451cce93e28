"""What a person at the terminal sees while a load works; silent unless the CLI listens."""

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr

_listener: Callable[[str], None] | None = None


class _Nowhere(io.TextIOBase):
    """Takes what is written; never closed, since a library's log handler may keep it."""

    def write(self, text: str) -> int:
        return len(text)


@contextmanager
def listening(listener: Callable[[str], None]) -> Iterator[None]:
    """Sends every step's line to `listener`, and keeps the terminal to those lines.

    What libraries write to stderr meanwhile is not shown unless TF_DEBUG is set: it may quote a
    value, and Dagster prints an event that it had no room to store.
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
    """One line about the step that starts or ended; never a value from the data."""
    if _listener:
        _listener(line)
