"""Commands as users type them, each in its own process; most are forked from a warm process."""

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
# variables that would point a command to other folders
OURS = {"DAGSTER_HOME", "TF_INBOX", "TF_DBT_DIR", "TF_EXPECTATIONS", "TF_AUTHORITIES"}


@dataclass(frozen=True)
class Ran:
    """The result of a command, and the data folder it wrote to."""

    code: int
    output: str
    seconds: float
    data: Path

    def published(self) -> duckdb.DuckDBPyConnection:
        """The published baseline, read only."""
        path = self.data / "published" / "current" / "gm_baseline.duckdb"
        return duckdb.connect(str(path.resolve()), read_only=True)


class Started:
    """A running command; its output goes into files."""

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
        """Its standard output so far."""
        return _content(self.out)

    def errors(self) -> str:
        """Its error output so far."""
        return _content(self.log)

    def signal(self, number: int) -> None:
        """Sends it a signal."""
        os.kill(self.process, number)

    def kill(self) -> None:
        """Kills it if it still runs, and waits until it is gone."""
        if self.code is None:
            self.signal(signal.SIGKILL)
            self.ended(60)

    def ended(self, limit: float) -> Ran:
        """Waits for its end; after `limit` seconds kills it and raises."""
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
    """This process's environment without variables that point to other folders."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return kept | {"TF_DATA_DIR": str(data), "COLUMNS": "200", "NO_COLOR": "1"}


def room_for_warmth() -> Callable[[], None]:
    """Makes a shared folder for the warm process; returns a function that ends that process."""
    folder = Path(tempfile.mkdtemp(prefix="tf-tests-"))
    os.mkfifo(folder / "alive")
    # the warm process lives as long as this file is open
    alive = os.open(folder / "alive", os.O_RDWR)
    os.environ[WARM] = str(folder)

    def end() -> None:
        os.close(alive)
        shutil.rmtree(folder, ignore_errors=True)

    return end


@cache
def _door() -> str:
    """The socket of the warm process; the first caller starts the process."""
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
