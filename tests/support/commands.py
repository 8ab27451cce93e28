"""Commands as users give them, each in a process of its own; most are forked from a warm one."""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

REPO = Path(__file__).resolve().parents[2]
SCRIPT = "from tf_pipeline.cli import main\nmain()"
# the folder of the warm process
WARM = "TF_TESTS_WARM"
# what would point a command elsewhere
OURS = {"DAGSTER_HOME", "TF_INBOX", "TF_DBT_DIR", "TF_EXPECTATIONS", "TF_AUTHORITIES"}


@dataclass(frozen=True)
class Ran:
    """What a command came to, and the data folder it wrote to."""

    code: int
    output: str
    seconds: float
    data: Path

    def published(self) -> duckdb.DuckDBPyConnection:
        """The published baseline, read only."""
        path = self.data / "published" / "current" / "gm_baseline.duckdb"
        return duckdb.connect(str(path.resolve()), read_only=True)


class Started:
    """A command that runs; what it says goes into a file."""

    def __init__(
        self, data: Path, script: str, arguments: tuple[str, ...], umask: int | None = None,
        **environment: str,
    ) -> None:  # fmt: skip
        request = {
            "script": script, "arguments": arguments, "folder": str(REPO), "umask": umask,
            "environment": clean_environment(data) | environment,
        }  # fmt: skip
        self.data, self.started = data, time.perf_counter()
        self.code: int | None = None
        self.out, self.log = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115
        self.caller = socket.socket(socket.AF_UNIX)
        self.caller.connect(_door())
        descriptors = [self.out.fileno(), self.log.fileno()]
        socket.send_fds(self.caller, [json.dumps(request).encode()], descriptors)
        self.answers = self.caller.makefile()
        self.process = int(self.answers.readline())

    def said(self) -> str:
        """What it has said on its standard output so far."""
        return _content(self.out)

    def errors(self) -> str:
        """What it has said on its error output so far."""
        return _content(self.log)

    def signal(self, number: int) -> None:
        """Sends it a signal."""
        os.kill(self.process, number)

    def kill(self) -> None:
        """Kills it, if it still runs, and waits for that."""
        if self.code is None:
            self.signal(signal.SIGKILL)
            self.ended(60)

    def ended(self, limit: float) -> Ran:
        """Waits for its end; a command that is not over by then is killed, and that raises."""
        self.caller.settimeout(limit)
        try:
            self.code = int(self.answers.readline())
        except BaseException:
            self.signal(signal.SIGKILL)
            raise
        finally:
            self.caller.close()
        seconds = time.perf_counter() - self.started
        return Ran(self.code, _content(self.out) + _content(self.log), seconds, self.data)


def start_cli(data: Path, *arguments: str, **environment: str) -> Started:
    """Starts `tf-pipeline …` on a data folder, forked from the warm process."""
    return Started(data, SCRIPT, arguments, **environment)


def run_cli(data: Path, *arguments: str, limit: float = 560, **environment: str) -> Ran:
    """Runs `tf-pipeline …` on a data folder, forked from the warm process."""
    return start_cli(data, *arguments, **environment).ended(limit)


def run_script(
    data: Path, script: str, *arguments: str, umask: int | None = None, **environment: str
) -> Ran:
    """Runs a script forked from the warm process."""
    return Started(data, script, arguments, umask, **environment).ended(560)


def run_cold(data: Path, *arguments: str, limit: float = 560, **environment: str) -> Ran:
    """Runs `tf-pipeline …` in a new process, as users do."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "tf_pipeline", *arguments],
        cwd=REPO, env=clean_environment(data) | environment, capture_output=True, text=True,
        timeout=limit, check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    return Ran(done.returncode, done.stdout + done.stderr, seconds, data)


def clean_environment(data: Path) -> dict[str, str]:
    """This process's environment without what would point elsewhere."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return kept | {"TF_DATA_DIR": str(data), "COLUMNS": "200", "NO_COLOR": "1"}


def room_for_warmth() -> Callable[[], None]:
    """A folder that all test processes know, for a warm process; returns what ends that."""
    folder = Path(tempfile.mkdtemp(prefix="tf-tests-"))
    os.mkfifo(folder / "alive")
    # the warm process lives as long as this is open
    alive = os.open(folder / "alive", os.O_RDWR)
    os.environ[WARM] = str(folder)

    def end() -> None:
        os.close(alive)
        shutil.rmtree(folder, ignore_errors=True)

    return end


@cache
def _door() -> str:
    """Where the warm process waits; the first who asks starts it."""
    folder = Path(os.environ[WARM])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "door").exists():
            zygote = subprocess.Popen(
                [sys.executable, "-m", "tests.support.zygote", str(folder)],
                cwd=REPO, env=clean_environment(folder / "data"), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            if zygote.stdout.readline() != "warm\n":
                raise RuntimeError("the warm process did not start")
    return str(folder / "door")


def _content(file) -> str:
    return os.pread(file.fileno(), 1 << 26, 0).decode()
