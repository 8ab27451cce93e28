"""A killed load, or a full disk, leaves a whole baseline, and the next load finishes the work.

Only `make stress` runs this. `TF_KILLS` says how many loads are killed, `TF_KILLS_SEED` when,
`TF_DISKS` how many too small disks are tried. Every kill is followed by a read and by a load that
must succeed.
"""

import json
import os
import subprocess
import sys

import pytest

from tests.support.commands import REPO, clean_environment
from tests.support.town import found

KILLS, SEED = int(os.environ.get("TF_KILLS", "1")), int(os.environ.get("TF_KILLS_SEED", "4"))
DISKS = int(os.environ.get("TF_DISKS", "1"))

pytestmark = pytest.mark.stress


@pytest.fixture(scope="module")
def said(tmp_path_factory) -> list[dict]:
    """What the program said of every kill and every disk; it is shown as it comes."""
    work = tmp_path_factory.mktemp("kills")
    environment = clean_environment(work / "undisturbed") | found(work).environment
    command = [sys.executable, "-m", "tests.support.killing", *map(str, (work, KILLS, SEED, DISKS))]
    lines = []
    with (
        (work / "errors.txt").open("w") as errors,
        subprocess.Popen(
            command, cwd=REPO, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as killing,
    ):
        for line in killing.stdout:
            print(line, end="", flush=True)
            lines.append(json.loads(line))
    assert killing.returncode == 0, (work / "errors.txt").read_text()
    return lines


@pytest.mark.timeout(600 + 240 * KILLS)
def test_killed_loads_leave_a_whole_baseline_and_the_next_load_finishes(said):
    kills = [line for line in said if "kill" in line]
    assert len(kills) == KILLS
    assert [k for k in kills if not k["whole"]] == []
    assert [k for k in kills if k["next_load"] != 0 or not k["right"]] == []
    assert [k for k in kills if k["left"] or k["unended"]] == []


def test_what_was_restored_and_killed_ends_as_what_was_never_disturbed(said):
    (end,) = [line for line in said if "tables" in line]
    assert end["published_differs"] == end["warehouse_differs"] == []
    assert end["tables"] > 50


def test_a_full_disk_is_said_and_leaves_what_stood(said):
    disks = [line for line in said if "disk" in line]
    if "skipped" in disks[0]:
        pytest.skip(f"no small disk can be mounted here: {disks[0]['skipped']}")
    *full, freed = disks
    stopped = [one for one in full if one["code"] == 1]
    assert stopped, full
    for one in stopped:
        # a terminal breaks lines where they come to its width
        told = " ".join(one["said"].lower().split())
        assert "no space left on the disk of" in told, one
        assert "load again" in told or "run the command again" in told, one
        assert "sqlalche" not in told and "Traceback" not in one["said"], one
        assert one["stands"], one
        assert one["left"] == [], one
    assert freed["code"] == 0 and freed["right"], freed
    assert freed["left"] == [] and freed["unended"] == 0
