"""The real daemon: it takes what is in the inbox, and does again a run whose process was killed.

Only `make stress` runs this.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest

from tests.support.commands import REPO, clean_environment
from tests.support.town import MONTHS, found

HOUR, LIMIT_SECONDS = 3600, 240

pytestmark = pytest.mark.stress


def processes_of(mark: Path) -> set[int]:
    """Processes that have a run's mark of life open."""
    found = set()
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            if mark in {opened.readlink() for opened in (process / "fd").iterdir()}:
                found.add(int(process.name))
        except OSError:
            # it has ended, or a file of it was closed meanwhile
            continue
    return found


@pytest.fixture
def inbox_and_data(tmp_path, monkeypatch):
    """A daemon over an inbox in which one month has settled."""
    town = found(tmp_path)
    inbox, data = town.inbox, town.data
    for month in MONTHS[1:]:
        shutil.rmtree(inbox / month)
    for path in inbox.rglob("*"):
        os.utime(path, (time.time() - HOUR, time.time() - HOUR))
    environment = town.environment
    monkeypatch.setenv("DAGSTER_HOME", str(data / "dagster"))
    log = tmp_path / "daemon.log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            [sys.executable, "-m", "tf_pipeline", "daemon"], cwd=REPO, start_new_session=True,
            env=clean_environment(data) | environment, stdout=output, stderr=output,
        ) as daemon,
    ):  # fmt: skip
        try:
            until(lambda: (data / "dagster/dagster.yaml").exists(), log)
            yield data, log
        finally:
            os.killpg(daemon.pid, signal.SIGTERM)


def until(what, log: Path):
    """Waits for what is true, and returns it."""
    last = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < last:
        if found := what():
            return found
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-2000:])


def test_a_killed_run_of_the_daemon_is_done_again_before_the_baseline_is_built(inbox_and_data):
    data, log = inbox_and_data
    with dg.DagsterInstance.get() as instance:

        def runs(status: dg.DagsterRunStatus) -> list[dg.DagsterRun]:
            return instance.get_runs(dg.RunsFilter(statuses=[status]))

        def working():
            """The run of the inbox sensor, once it has said that it lives."""
            for run in runs(dg.DagsterRunStatus.STARTED):
                if found := processes_of(data / "dagster/living" / run.run_id):
                    return run, found
            return None

        run, processes = until(working, log)
        for process in processes:
            os.kill(process, signal.SIGKILL)
        (again,) = until(lambda: runs(dg.DagsterRunStatus.SUCCESS), log)
        assert again.parent_run_id == run.run_id
        assert again.tags["dagster/partition"] == MONTHS[0]
        killed = instance.get_run_by_id(run.run_id)
        assert killed.status is dg.DagsterRunStatus.FAILURE
        # nothing is built of what the killed one had come to
        baseline = until(lambda: instance.get_runs(dg.RunsFilter(job_name="baseline")), log)
        assert [one.tags["dagster/run_key"] for one in baseline] == [f"{again.run_id}/{MONTHS[0]}"]
