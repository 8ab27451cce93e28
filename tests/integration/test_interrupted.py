"""Somebody stops a load with Ctrl-C: it ends, and nothing is published of half a month."""

import signal
import subprocess
import sys

import pytest

from tests.support.commands import REPO, clean_environment
from tests.support.small import small
from tests.support.warm import MONTHS


@pytest.mark.parametrize("moment", ["la08: opening", "staging: building"])
def test_a_load_that_is_stopped_by_hand_publishes_nothing(tmp_path, moment):
    environment = small(tmp_path)
    data = tmp_path / "data"
    command = ["-m", "tf_pipeline", "load", MONTHS[0], "--inbox", str(tmp_path / "inbox/a")]
    with subprocess.Popen(
        [sys.executable, *command], cwd=REPO, env=clean_environment(data) | environment,
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    ) as load:  # fmt: skip
        said = []
        for line in load.stderr:
            said.append(line)
            if moment in line:
                load.send_signal(signal.SIGINT)
    assert load.returncode not in (0, 3), said
    assert moment in said[-1] + said[-2] + said[-3], said
    assert not (data / "published/current").exists()
