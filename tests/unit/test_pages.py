"""The pages say what is there: paths, links, tables' settings, commands with their options."""

import re
from pathlib import Path

import click
import pytest
import typer

from tests.support import plain_words
from tests.support.commands import REPO
from tests.support.pages import (
    DOORS,
    FRONT,
    anchors,
    blocks,
    commands,
    in_backticks,
    links,
    pages,
    shell_lines,
    text_of,
)
from tf_pipeline.cli import app

LONGEST_FRONT = 150
# below these a path in backticks is one of the repository
ROOTS = ("tf_pipeline/", "dbt_project/", "expectations/", "tests/", "seeds/", "crosswalks/",
         "declarations/", "macros/", "deliveries/", "results/", "defs/")  # fmt: skip
# where a page's short paths begin
PLACES = ("", "dbt_project", "dbt_project/seeds", "tf_pipeline", "tests/fixtures", "tests/bench")
# written by a load or by dbt, and in no checkout
WRITTEN = ("dbt_project/target",)


@pytest.fixture(scope="module")
def cli() -> click.Group:
    return typer.main.get_command(app)


def test_the_front_page_is_short_and_has_a_door_for_each_reader():
    assert len(text_of(FRONT).splitlines()) <= LONGEST_FRONT
    led_to = {link.partition("#")[0] for link in links(FRONT)}
    assert {str(page) for page in DOORS} <= led_to


@pytest.mark.parametrize("page", pages(), ids=str)
def test_every_path_in_backticks_is_there(page: Path):
    named = [one.rstrip("/") for one in in_backticks(page) if one.startswith(ROOTS)]
    named = [one for one in named if not re.search(r"[<>*{}… ]", one)]
    places = [REPO / page.parent, *(REPO / place for place in PLACES)]
    missing = [one for one in named if not any((place / one).exists() for place in places)]
    assert [one for one in missing if one not in WRITTEN] == []


@pytest.mark.parametrize("page", pages(), ids=str)
def test_every_seed_that_a_page_names_is_there(page: Path):
    seeds = {path.stem for path in (REPO / "dbt_project/seeds").rglob("*.csv")}
    named = {one.removesuffix(".csv") for one in in_backticks(page)}
    assert {one for one in named if re.fullmatch(r"(ref|xwalk)_\w+", one)} <= seeds


@pytest.mark.parametrize("page", pages(), ids=str)
def test_every_link_leads_somewhere(page: Path):
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (REPO / page.parent / path).resolve() if path else REPO / page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.relative_to(REPO)), link


@pytest.mark.parametrize("page", pages(), ids=str)
def test_every_command_is_understood(page: Path, cli: click.Group):
    """Commands, options and the number of arguments, as the command line itself reads them."""
    for one in commands(page):
        assert one.name in cli.commands, one
        command = cli.commands[one.name]
        context = click.Context(command, info_name=one.name)
        values, rest, _ = command.make_parser(context).parse_args(list(one.arguments[1:]))
        assert rest == [], one
        needed = {parameter.name for parameter in command.params if parameter.required}
        assert needed <= {name for name, value in values.items() if value}, one


@pytest.mark.parametrize("page", pages(), ids=str)
def test_every_verb_of_make_is_there(page: Path):
    verbs = set(re.findall(r"^([a-z-]+):", (REPO / "Makefile").read_text(), re.MULTILINE))
    said = re.findall(r"`make ([a-z-]+)", text_of(page))
    said += [line.split()[1] for line in shell_lines(page) if line.startswith("make ")]
    assert set(said) <= verbs


def test_commands_and_settings_are_all_listed(cli: click.Group):
    page = text_of(Path("tf_pipeline/README.md"))
    listed = re.findall(r"`([a-z-]+)[^`]*`", page.partition("## Commands")[2].partition("\n## ")[0])
    assert set(cli.commands) <= set(listed)
    code = "\n".join(path.read_text() for path in (REPO / "tf_pipeline").rglob("*.py"))
    # TF_WAREHOUSE is set by the pipeline for dbt, and by nobody else
    used = set(re.findall(r"\bTF_[A-Z_]*[A-Z]\b", code)) - {"TF_WAREHOUSE"}
    assert used == set(re.findall(r"\bTF_[A-Z_]*[A-Z]\b", page))


@pytest.mark.parametrize("page", [FRONT, *[page for page in DOORS if page in pages()]], ids=str)
def test_pages_use_plain_words(page: Path):
    assert plain_words.found_in(text_of(page).partition("\n## Glossary")[0]) == []


@pytest.mark.parametrize(
    "texts", [source.__name__ for source in (
        plain_words.python_texts, plain_words.descriptions, plain_words.reasons,
        plain_words.seed_texts, plain_words.whole_files,
    )]
)  # fmt: skip
def test_every_text_uses_plain_words(texts: str):
    read = getattr(plain_words, texts)()
    assert [(place, found) for place, text in read if (found := plain_words.found_in(text))] == []


def test_help_uses_plain_words(cli: click.Group):
    read = plain_words.help_texts(cli)
    assert [(place, found) for place, text in read if (found := plain_words.found_in(text))] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The delivery is validated on the\n  word of a lead", ["on the word of"]),
        ("What stands is new", ["What stands"]),
        ("A current delivery, and the lesson of it", []),
    ],
)
def test_a_phrase_to_avoid_is_found_across_lines_and_only_as_whole_words(text, expected):
    assert plain_words.found_in(text) == expected


def test_the_analysts_page_has_three_queries():
    assert len(blocks(Path("dbt_project/README.md"), "sql")) == 3
