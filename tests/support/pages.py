"""The pages that people read: their blocks of code, the places they name, their headings."""

import re
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.commands import REPO

FRONT = Path("README.md")
# one page for each reader; that of rules and thresholds is read like the others
DOORS = [
    Path("dbt_project/README.md"),
    Path("tf_pipeline/README.md"),
    Path("tf_pipeline/authorities/README.md"),
    Path("expectations/README.md"),
]
PAGES = [FRONT, *DOORS, Path("tests/bench/README.md"), Path("tests/fixtures/README.md")]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = ".venv/bin/tf-pipeline"


@dataclass(frozen=True)
class Command:
    """One line of a page that starts `tf-pipeline`, with the settings in front of it."""

    page: Path
    environment: tuple[tuple[str, str], ...]
    arguments: tuple[str, ...]

    @property
    def name(self) -> str:
        """The command of `tf-pipeline`."""
        return self.arguments[0]

    def __str__(self) -> str:
        return f"{self.page}: {shlex.join(self.arguments)}"


@cache
def text_of(page: Path) -> str:
    """A page's text."""
    return (REPO / page).read_text("utf-8")


def pages() -> list[Path]:
    """Pages that are there."""
    return [page for page in PAGES if (REPO / page).exists()]


def blocks(page: Path, language: str) -> list[str]:
    """The page's blocks of code in a language."""
    return [body for name, body in FENCE.findall(text_of(page)) if name == language]


def prose(page: Path) -> str:
    """The page without its blocks."""
    return FENCE.sub("", text_of(page))


def shell_lines(page: Path) -> list[str]:
    """Lines of the page's shell blocks, in their order, without those that are comments only."""
    lines = [line.strip() for block in blocks(page, "sh") for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def command_of(page: Path, line: str) -> Command | None:
    """What a shell line asks of `tf-pipeline`; None where it asks something else."""
    words = shlex.split(line, comments=True)
    if COMMAND not in words:
        return None
    at = words.index(COMMAND)
    settings = tuple(
        (name, value) for name, _, value in (word.partition("=") for word in words[:at])
    )
    return Command(page, settings, tuple(words[at + 1 :]))


def commands(page: Path) -> list[Command]:
    """Every `tf-pipeline` command of the page's shell blocks."""
    found = [command_of(page, line) for line in shell_lines(page)]
    return [one for one in found if one is not None]


def anchors(page: Path) -> set[str]:
    """The page's headings as links name them."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links(page: Path) -> list[str]:
    """Where the page's links lead, other sites left out."""
    found = re.findall(r"\]\(([^)\s]+)\)", prose(page))
    return [one for one in found if "://" not in one]


def in_backticks(page: Path) -> list[str]:
    """What the page's prose puts in backticks."""
    return re.findall(r"`([^`\n]+)`", prose(page))
