"""A load is stopped by hand or killed: nobody sees half a month, and the next load is whole."""

import signal
import time

import pytest

from tests.support.commands import Started
from tests.support.town import LISTS, MONTHS, Town
from tests.support.warm import hashes

LIMIT_SECONDS = 240


def ended_by(load: Started, said: str, number: int) -> tuple[int, list[str]]:
    """Sends a signal as soon as a load has said something; its exit code and all its lines."""
    last = time.monotonic() + LIMIT_SECONDS
    while said not in load.errors():
        assert time.monotonic() < last, load.errors()
        time.sleep(0.01)
    load.signal(number)
    ran = load.ended(LIMIT_SECONDS)
    return ran.code, ran.output.splitlines()


@pytest.mark.parametrize("moment", [f"{LISTS}: opening", "staging: building"])
def test_a_load_that_is_stopped_by_hand_publishes_nothing(town, tmp_path, moment):
    data = tmp_path / "data"
    load = Town(town.folder, data).start("load", MONTHS[0])
    code, said = ended_by(load, moment, signal.SIGINT)
    assert code not in (0, 3), said
    assert moment in " ".join(said[-3:]), said
    assert not (data / "published/current").exists()


def test_a_killed_load_leaves_what_stood_and_the_next_one_finishes(town_copy):
    """One kill, here; `make stress` kills many, at every moment, and compares each table."""
    import dagster as dg

    def published() -> dict:
        current = (town_copy.data / "published/current").resolve()
        return hashes(current / "gm_baseline.duckdb", "published")

    before, release = published(), (town_copy.data / "published/current").resolve()
    load = town_copy.start("load", MONTHS[1], "--again")
    code, said = ended_by(load, "marts: building", signal.SIGKILL)
    assert code == -signal.SIGKILL, said
    assert (town_copy.data / "published/current").resolve() == release
    assert published() == before
    again = town_copy.run("load", MONTHS[1], "--again")
    assert again.code == 0, again.output
    assert (town_copy.data / "published/current").resolve() != release
    assert published() == before
    assert not list((town_copy.data / "published").glob(".*"))
    going = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING]
    with dg.DagsterInstance.get() as instance:
        assert instance.get_runs_count(dg.RunsFilter(statuses=going)) == 0
