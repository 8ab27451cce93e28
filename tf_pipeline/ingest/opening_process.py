"""Opens files in a process of its own, which a bad file may kill without any other harm.

Belongs here: starting that process, waiting for it, and the finding if it dies.
Does not belong here: what it does (`opening_worker.py`).

One process serves all deliveries of a load. It is started by the first one, and again after it
died.
"""

import atexit
import os
import subprocess
import sys
from collections.abc import Collection
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from multiprocessing.connection import Pipe as pipe
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from tf_pipeline.ingest.bounds import Bounds, bounds
from tf_pipeline.ingest.delivery_problem import DeliveryProblem, problem
from tf_pipeline.ingest.opened_rows import OpenedRows
from tf_pipeline.ingest.opened_wire import findings, receive, receive_rows, send
from tf_pipeline.vocabulary import Outcome

if TYPE_CHECKING:
    from tf_pipeline.authorities.spec import DatasetShape

WORKER = [sys.executable, "-m", "tf_pipeline.ingest.opening_worker"]


class OpeningFailed(Exception):
    """The program failed while it opened a file; the text is the class of the error."""


@dataclass
class _Process:
    """A running process, the connection to it, and the process and bounds it was started with."""

    process: subprocess.Popen
    connection: Connection
    owner: int
    memory_mb: int


_running: list[_Process] = []
_lock = Lock()


def open_elsewhere(
    path: Path, shape: "DatasetShape", dataset: str, month: str, repeats: Collection[str]
) -> OpenedRows:
    """The rows of one dataset, opened by the other process.

    Raises DeliveryProblem (rejected), also if the process dies or takes too long; OpeningFailed
    and OSError if the fault is not the file's.
    """
    limits = bounds()
    with _lock:
        told = _ask(path, shape, dataset, month, repeats, limits)
    if isinstance(told, OpenedRows):
        return told
    if "findings" in told:
        raise DeliveryProblem(findings(told["findings"]), Outcome(told["outcome"]))
    if "stopped" in told:
        raise _stopped(told["stopped"], path, shape, dataset, limits)
    if told.get("errno"):
        raise OSError(told["errno"], os.strerror(told["errno"]))
    raise OpeningFailed(told["error"])


def _ask(
    path: Path,
    shape: "DatasetShape",
    dataset: str,
    month: str,
    repeats: Collection[str],
    limits: Bounds,
) -> dict | OpenedRows:
    other = _process(limits)
    try:
        send(
            other.connection,
            {
                "path": str(path),
                "shape": shape.model_dump(),
                "dataset": dataset,
                "month": month,
                "repeats": list(repeats),
                "bounds": asdict(limits),
            },
        )
        if not other.connection.poll(limits.seconds):
            _stop(other)
            return {"stopped": "time"}
        told = receive(other.connection)
        return receive_rows(other.connection, told) if "rows" in told else told
    except (EOFError, OSError):
        _stop(other)
        return {"stopped": "death"}
    except BaseException:
        # an answer that nobody reads would be taken for the next one
        _stop(other)
        raise


def _process(limits: Bounds) -> _Process:
    """The running process; a new one if there is none, or it belongs to a parent of this one."""
    for other in _running:
        if other.owner != os.getpid():
            _running.clear()
        elif other.memory_mb != limits.memory_mb or other.process.poll() is not None:
            _stop(other)
    if not _running:
        ours, theirs = pipe()
        # one thread: each has its own memory, and the files are small
        environment = {"POLARS_MAX_THREADS": "1", "MALLOC_ARENA_MAX": "2", **os.environ}
        process = subprocess.Popen(
            [*WORKER, str(theirs.fileno()), str(limits.memory_mb)],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            # a library's last words may quote a cell
            stderr=None if os.environ.get("TF_DEBUG") else subprocess.DEVNULL,
            env=environment,
        )
        theirs.close()
        _running.append(_Process(process, ours, os.getpid(), limits.memory_mb))
    return _running[0]


def _stop(other: _Process) -> None:
    other.connection.close()
    other.process.kill()
    other.process.wait()
    if other in _running:
        _running.remove(other)


@atexit.register
def stop_all() -> None:
    """Ends the process, if there is one; the next file starts another."""
    for other in list(_running):
        if other.owner == os.getpid():
            _stop(other)


def _stopped(
    why: str, path: Path, shape: "DatasetShape", dataset: str, limits: Bounds
) -> DeliveryProblem:
    place: dict = {"file_name": path.name, "sheet": shape.sheet, "dataset": dataset}
    if why == "time":
        return problem("OPENING_TOO_SLOW", seconds=limits.seconds, **place)
    return problem("OPENING_STOPPED", memory=f"{limits.memory_mb:,}", **place)
