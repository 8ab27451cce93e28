"""Readers never wait and never see half, and two loads at once come one after the other.

Only `make stress` runs this. Twenty readers query throughout `TF_READER_LOADS` loads by the command
and two publications more. No wait may be longer than two seconds beyond the longest that the same
readers wait on the same machine while nothing is loaded.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import MONTHS
from tests.support.commands import REPO, clean_environment
from tf_pipeline.releases.publish import publish

LOADS = int(os.environ.get("TF_READER_LOADS", "1"))
PROCESSES, READERS = 4, 20
BOUND_SECONDS, QUIET_SECONDS = 2.0, 4.0
LAST = MONTHS[-1]

pytestmark = pytest.mark.stress


def start_readers(data: Path, stop: Path) -> list[subprocess.Popen]:
    command = [
        sys.executable,
        "-m",
        "tests.support.reading",
        str(data / "published/current"),
        str(stop),
    ]
    return [
        subprocess.Popen(
            command, cwd=REPO, env=clean_environment(data), stdout=subprocess.PIPE, text=True
        )
        for _ in range(PROCESSES)
    ]


def stopped(readers: list[subprocess.Popen], stop: Path) -> list[dict]:
    stop.touch()
    return [json.loads(reader.communicate()[0]) for reader in readers]


def load(data: Path, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "tf_pipeline", "load", LAST, *arguments],
        cwd=REPO, env=clean_environment(data), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def busy(loaded, tmp_path_factory) -> dict:
    """What the readers and two loads at once said of a busy time, and readers of a quiet one."""
    folder = tmp_path_factory.mktemp("readers")
    data = folder / "data"
    shutil.copytree(
        loaded.data, data, symlinks=True, ignore=shutil.ignore_patterns("dagster", "docs")
    )
    readers = start_readers(data, folder / "quiet")
    time.sleep(QUIET_SECONDS)
    quiet = stopped(readers, folder / "quiet")
    readers = start_readers(data, folder / "busy")
    try:
        loads = []
        for number in range(LOADS):
            first = load(data, "--again")
            holder = data / "warehouse/writer.lock"
            while number == 0 and f"process {first.pid} " not in holder.read_text():
                assert first.poll() is None, first.communicate()[0]
                time.sleep(0.05)
            second = load(data) if number == 0 else None
            loads += [(one, one.communicate()[0]) for one in (first, second) if one]
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("TF_DATA_DIR", str(data))
            for month in MONTHS:
                publish(month, "", lambda _: None)
    finally:
        said = stopped(readers, folder / "busy")
    result = {"quiet": quiet, "busy": said, "loads": loads, "data": data}
    waits = {when: max(one["longest_wait"] for one in result[when]) for when in ("quiet", "busy")}
    reads = sum(one["reads"] for one in said)
    print(
        f"{reads} reads, longest wait {waits['busy']} s, while nothing is loaded {waits['quiet']}"
    )
    return result


def test_no_read_fails_and_none_sees_half(busy):
    assert sum(one["readers"] for one in busy["busy"]) == READERS
    assert [problem for one in busy["busy"] for problem in one["problems"]] == []
    assert min(one["fewest_reads"] for one in busy["busy"]) >= 2
    for one in busy["busy"]:
        assert one["kept_saw"] == 1, "an open connection stays with its release"
    seen = {release for one in busy["busy"] for release in one["releases"]}
    assert len(seen) >= 1 + LOADS, "the others saw what was published meanwhile"


def test_no_read_waits(busy):
    quiet = max(one["longest_wait"] for one in busy["quiet"])
    longest = max(one["longest_wait"] for one in busy["busy"])
    assert longest < BOUND_SECONDS + quiet, f"{longest} s, {quiet} s while nothing is loaded"


def test_a_second_load_says_whom_it_waits_for_and_then_finds_the_work_done(busy):
    (first, said), (second, waited), *_ = busy["loads"]
    assert (first.returncode, second.returncode) == (0, 0), said + waited
    assert "Waiting for" not in said
    expected = rf"Waiting for process {first.pid} on \S+, load {LAST}, since \d{{4}}-\d\d-\d\d"
    assert re.search(expected, waited), waited
    assert "nothing has changed" in waited
