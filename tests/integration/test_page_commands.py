"""What the pages show is run: the analyst's queries, and each page's commands in their order."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.support.commands import REPO, SCRIPT, run_script
from tests.support.pages import (
    DOORS,
    FRONT,
    Command,
    blocks,
    command_of,
    commands,
    in_backticks,
    pages,
    shell_lines,
)
from tests.support.town import Town
from tf_pipeline.releases.catalogue import kept_ids
from tf_pipeline.seeds.changed_rows import changed_seeds

ANALYST = Path("dbt_project/README.md")
# what builds, waits or needs a delivery of its own kind is run by the test that is about it
RUN_ELSEWHERE = {
    ("load",): "test_load_sample, test_landing",
    ("confirm",): "test_confirm",
    ("redeliver",): "test_landing",
    ("rotate-key",): "test_keeping",
    ("alerts", "--send"): "test_alerts",
    # it builds twice; the file that the page writes for it is read here
    ("what-if",): "test_what_if",
}
# besides `tf-pipeline`: what makes a file for the next command
SHELL = ("head ", "echo ")
TABLE = re.compile(r"(gm|ops|audit|raw|restricted)\.\w+$")
PAGES_RUN = [page for page in [FRONT, *DOORS] if page in pages() and commands(page)]


@pytest.fixture
def desk(town_copy: Town, tmp_path: Path) -> Path:
    """A folder like the checkout, with a loaded town in `data` and the sample in its inbox."""
    folder = tmp_path / "desk"
    folder.mkdir()
    for path in REPO.iterdir():
        if path.name != "data":
            (folder / path.name).symlink_to(path)
    (folder / "data").symlink_to(town_copy.data)
    (town_copy.data / "inbox").symlink_to(REPO / "data/inbox")
    return folder


def is_run_elsewhere(one: Command) -> bool:
    """Whether another test runs it."""
    return any(words == one.arguments[: len(words)] for words in RUN_ELSEWHERE)


def filled(desk: Path, current: Path) -> Callable[[str], str]:
    """Fills in what a page leaves to its reader."""
    with duckdb.connect(str(current), read_only=True) as published:
        ((family,),) = published.execute("select min(family_key) from gm.families").fetchall()
    values = {
        "KEY": family,
        "RELEASE": kept_ids()[0],
        "FOLDER": str(desk / "FOLDER"),
        "/srv/restored": str(desk / "restored"),
    }

    def fill(word: str) -> str:
        first, slash, rest = word.partition("/")
        return values.get(word) or (values.get(first, first) + slash + rest)

    return fill


def there_or_itself(word: str, desk: Path) -> list[str]:
    """The files that a pattern means, as a shell has it; any other word is itself."""
    place = desk / word
    return sorted(map(str, place.parent.glob(place.name))) if "*" in word else [word]


@pytest.mark.parametrize("page", PAGES_RUN, ids=str)
def test_the_commands_of_a_page_run_in_their_order(page: Path, desk: Path, town_copy: Town):
    fill = filled(desk, desk / "data/published/current/gm_baseline.duckdb")
    script = f"import os\nos.chdir({str(desk)!r})\n{SCRIPT}"
    for line in shell_lines(page):
        one = command_of(page, line)
        if one is None and line.startswith(SHELL):
            subprocess.run(["bash", "-ec", line], cwd=desk, check=True)
        elif one is not None and one.name == "what-if":
            kind, file = one.arguments[1].strip("-") + "s", desk / one.arguments[2]
            assert [edit.path for edit in changed_seeds({kind: [file]})]
        elif one is not None and not is_run_elsewhere(one):
            filled_in = [fill(word) for word in one.arguments]
            words = [path for word in filled_in for path in there_or_itself(word, desk)]
            settings = {name: fill(value) for name, value in one.environment}
            ran = run_script(town_copy.data, script, *words, **town_copy.environment | settings)
            assert ran.code == 0, f"{line}\n{ran.output}"


def test_the_analysts_queries_run_as_shown(loaded, baseline, tmp_path, monkeypatch):
    (tmp_path / "data").symlink_to(loaded.data)
    monkeypatch.chdir(tmp_path)
    (opening,) = blocks(ANALYST, "python")
    shown: dict = {}
    exec(opening, shown)
    queries = blocks(ANALYST, "sql")
    levels, needs, work = (shown["db"].execute(query).fetchall() for query in queries)
    known = baseline.execute("select distinct authority from gm.intensity_summary").fetchall()
    authorities = {authority for (authority,) in known}
    assert {row[1] for row in levels} == authorities
    assert {row[0] for row in needs} == authorities
    # nothing is to be fixed in the sample
    assert work == []
    shown["db"].close()


def test_every_table_that_a_page_names_is_there(baseline, warehouse):
    listed = "select schema_name || '.' || table_name from duckdb_tables() union all "
    listed += "select schema_name || '.' || view_name from duckdb_views()"
    there = {name for one in (baseline, warehouse) for (name,) in one.execute(listed).fetchall()}
    for page in pages():
        named = {word for word in in_backticks(page) if TABLE.match(word)}
        # a key rotation makes it, where somebody asks for it
        assert named - {"restricted.key_rotation"} <= there, page
