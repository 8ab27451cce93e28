"""The glossary's phrases to avoid, and the texts of the project that a person may read."""

import ast
import csv
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import yaml

from tests.support.commands import REPO

GLOSSARY = REPO / "tf_pipeline/README.md"
HEADER = "| write | not |\n|---|---|\n"


@cache
def avoided() -> re.Pattern[str]:
    """Any phrase of the glossary's right-hand column, as whole words."""
    table = GLOSSARY.read_text("utf-8").partition(HEADER)[2].partition("\n\n")[0]
    cells = [line.strip("| ").split(" | ")[1] for line in table.splitlines()]
    phrases = [phrase.strip() for cell in cells for phrase in cell.split(",")]
    return re.compile(rf"\b({'|'.join(map(re.escape, phrases))})\b", re.IGNORECASE)


def found_in(text: str) -> list[str]:
    """The phrases to avoid in a text, across its line breaks."""
    return avoided().findall(" ".join(text.split()))


def python_texts() -> Iterator[tuple[str, str]]:
    """File and line, and text, of each docstring and literal with more than one word."""
    for path in sorted((REPO / "tf_pipeline").rglob("*.py")):
        name = path.relative_to(REPO).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
                yield f"{name}:{node.lineno}", node.value


def help_texts(cli: click.Group) -> Iterator[tuple[str, str]]:
    """The help of each command and of its options."""
    for name, command in cli.commands.items():
        yield name, command.help or ""
        for parameter in command.params:
            yield f"{name} {parameter.name}", getattr(parameter, "help", None) or ""


def descriptions() -> Iterator[tuple[str, str]]:
    """Each description of dbt's YAML files and doc blocks."""
    project = REPO / "dbt_project"
    for folder in ("models", "seeds", "tests"):
        for path in sorted((project / folder).rglob("*.yml")):
            name = path.relative_to(REPO).as_posix()
            for text in _described(yaml.safe_load(path.read_text("utf-8"))):
                yield name, text
    columns = project / "models/columns.md"
    yield columns.relative_to(REPO).as_posix(), columns.read_text("utf-8")


def _described(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(text := part.get("description"), str):
            yield text
        for value in part.values():
            yield from _described(value)
    elif isinstance(part, list):
        for value in part:
            yield from _described(value)


def reasons() -> Iterator[tuple[str, str]]:
    """The why of every rule, and the meaning of every parameter, of all suites."""
    for path in sorted((REPO / "expectations").glob("*.json")):
        suite = json.loads(path.read_text("utf-8"))
        for rule in suite["expectations"]:
            yield path.name, rule["meta"]["why"]
        for text in ((suite.get("meta") or {}).get("parameters") or {}).values():
            yield path.name, text


def seed_texts() -> Iterator[tuple[str, str]]:
    """Every cell with more than one word of the seeds of reference data."""
    for path in sorted((REPO / "dbt_project/seeds/reference").glob("ref_*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                yield from ((path.name, cell) for cell in row if " " in cell)


def whole_files() -> Iterator[tuple[str, str]]:
    """Templates of pages, the YAML of authorities and the help of make, file by file."""
    tree = REPO / "tf_pipeline"
    paths: list[Path] = [*tree.rglob("*.j2"), *(tree / "authorities").glob("*.yml")]
    for path in sorted([*paths, REPO / "Makefile"]):
        yield path.relative_to(REPO).as_posix(), path.read_text("utf-8")
