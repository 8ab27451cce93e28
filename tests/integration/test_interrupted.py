"""Loads that are stopped by hand, killed, at once, or on the warehouse of an earlier version.

`make stress` kills many loads, at every moment, and compares every table; here is one kill.
"""

import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from tests.conftest import copy_data
from tests.support.commands import Ran, Started
from tests.support.town import LISTS, MONTHS, Town
from tests.support.warm import hashes

LIMIT_SECONDS = 240
LAST = MONTHS[-1]


def when(what: Callable[[], bool], load: Started) -> None:
    """Waits until something is so; a load that does not come to it is shown."""
    last = time.monotonic() + LIMIT_SECONDS
    while not what():
        assert time.monotonic() < last, load.errors()
        time.sleep(0.01)


def ended_by(load: Started, said: str, number: int) -> Ran:
    """Sends a signal as soon as a load has said something."""
    when(lambda: said in load.errors(), load)
    load.signal(number)
    return load.ended(LIMIT_SECONDS)


@pytest.mark.parametrize("moment", [f"{LISTS}: opening", "staging: building"])
def test_a_load_that_is_stopped_by_hand_publishes_nothing(town, tmp_path, moment):
    data = tmp_path / "data"
    ran = ended_by(Town(town.folder, data).start("load", MONTHS[0]), moment, signal.SIGINT)
    assert ran.code not in (0, 3), ran.output
    assert moment in " ".join(ran.output.splitlines()[-3:]), ran.output
    assert not (data / "published/current").exists()


@dataclass(frozen=True)
class Story:
    """A load that was killed, then two at once; what was published before, between and after."""

    town: Town
    killed: Ran
    first: Ran
    process: int
    second: Ran
    releases: tuple[Path, Path, Path]
    published: tuple[dict, dict, dict]


@pytest.fixture(scope="module")
def story(town, tmp_path_factory) -> Story:
    own = Town(town.folder, copy_data(town.data, tmp_path_factory.mktemp("loads") / "data"))
    # as a warehouse made by an earlier version has them
    with duckdb.connect(str(own.data / "warehouse/warehouse.duckdb")) as connection:
        connection.execute("alter table reference.authority_definitions drop column meaning")
        # the last one: what is added comes to its place
        connection.execute("alter table gm.families drop column as_of_month")
    looks = [look(own)]
    killed = ended_by(own.start("load", LAST, "--again"), "marts: building", signal.SIGKILL)
    looks.append(look(own))
    first = own.start("load", LAST, "--again")
    holder = own.data / "warehouse/writer.lock"
    when(lambda: f"process {first.process} " in holder.read_text(), first)
    second = own.run("load", LAST)
    ended = first.ended(LIMIT_SECONDS)
    looks.append(look(own))
    releases, published = zip(*looks, strict=True)
    return Story(own, killed, ended, first.process, second, releases, published)


def look(town: Town) -> tuple[Path, dict]:
    """The current release, and hashes of its tables."""
    current = (town.data / "published/current").resolve()
    return current, hashes(current / "gm_baseline.duckdb", "published")


def test_a_killed_load_leaves_what_stood(story):
    assert story.killed.code == -signal.SIGKILL, story.killed.output
    assert story.releases[1] == story.releases[0]
    assert story.published[1] == story.published[0]


def test_the_load_after_a_killed_one_finishes_the_work(story):
    assert story.first.code == 0, story.first.output
    assert story.releases[2] != story.releases[0]
    assert story.published[2] == story.published[0]
    assert not list((story.town.data / "published").glob(".*"))


def test_no_run_is_left_open_after_a_kill(story, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(story.town.data / "dagster"))
    going = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING]
    with dg.DagsterInstance.get() as instance:
        assert instance.get_runs_count(dg.RunsFilter(statuses=going)) == 0
        assert instance.get_runs_count() > 4


def test_a_second_load_says_whom_it_waits_for_and_then_finds_the_work_done(story):
    assert (story.first.code, story.second.code) == (0, 0), story.first.output + story.second.output
    assert "Waiting for" not in story.first.output
    since = r"since \d{4}-\d\d-\d\d"
    expected = rf"Waiting for process {story.process} on \S+, load {LAST}, {since}"
    assert re.search(expected, story.second.output), story.second.output
    assert "nothing has changed" in story.second.output


def test_an_old_warehouse_takes_seeds_with_other_columns(story):
    assert story.first.code == 0, story.first.output
    with story.first.published() as baseline:
        known = baseline.execute(
            "select count(meaning) > 0 from gm.comparability where authority <> 'gm'"
        ).fetchone()
    assert known == (True,)
    warehouse = story.town.data / "warehouse/warehouse.duckdb"
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("select meaning from reference.authority_definitions")
        connection.execute("select as_of_month from gm.families")
