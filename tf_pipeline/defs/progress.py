"""What a person at the terminal sees while a load works; silent unless the CLI listens."""

from collections.abc import Callable

_listener: Callable[[str], None] | None = None


def listen(listener: Callable[[str], None] | None) -> None:
    """Sends every step's line to `listener`; None stops it."""
    global _listener
    _listener = listener


def report(line: str) -> None:
    """One line about the step that starts or ended; never a value from the data."""
    if _listener:
        _listener(line)
