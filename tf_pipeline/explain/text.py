"""Text of an explanation: lines that fit a terminal, names and values, notes on omitted rows."""

from collections.abc import Iterable
from textwrap import fill
from typing import Any

from rich.console import Console
from rich.markup import escape

WIDTH = 100
PLURAL = {"family": "families", "person": "people", "intervention": "interventions"}


def line(out: Console, text: str, indent: int = 1) -> None:
    """One line of a section; wrapped below itself."""
    blanks = "  " * indent
    width = min(out.width, WIDTH)
    wrapped = fill(text, width, initial_indent=blanks, subsequent_indent=blanks + "  ")
    out.print(wrapped, markup=False, highlight=False, soft_wrap=True)


def title(out: Console, text: str) -> None:
    """The heading of a section."""
    out.print(f"[bold]{escape(text)}[/]", highlight=False)


def row_text(items: Iterable[tuple[str, Any]]) -> str:
    """Names and values of a row, without the empty ones."""
    return " · ".join(f"{name} {text_of(value)}" for name, value in items if value is not None)


def rest(out: Console, there: int, shown: int) -> None:
    """A line that says how many rows are not shown."""
    if there > shown:
        line(out, f"… and {there - shown} more (--rows)", 2)


def more(there: int, shown: int) -> str:
    """The end of a list that is cut short."""
    return f", … ({there - shown:,} more)" if there > shown else ""


def text_of(value: Any) -> str:
    """A value as text, or a text for a missing value."""
    return "(empty)" if value is None else str(value)
