"""The process that opens files: it reads requests until nobody sends any.

Belongs here: its memory limit, and that no error of one file ends it without an answer.
Does not belong here: starting and stopping it (`opening_process.py`), reading files
(`opened_rows.py`).
"""

import gc
import os
import resource
import sys
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace

from tf_pipeline.ingest.bounds import MB, Bounds
from tf_pipeline.ingest.delivery_problem import DeliveryProblem
from tf_pipeline.ingest.opened_rows import open_rows
from tf_pipeline.ingest.opened_wire import receive, send, send_rows


def main(descriptor: int, memory_mb: int) -> None:
    """Answers requests on an inherited connection, in the limits of `memory_mb`."""
    bound = memory_mb * MB
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    connection = Connection(descriptor)
    while True:
        try:
            asked = receive(connection)
        except (EOFError, OSError):
            # nothing is left to clean up, and the libraries take long to say so
            os._exit(0)
        _answer(connection, asked)


def _answer(connection: Connection, asked: dict) -> None:
    shape = SimpleNamespace(**asked["shape"])
    shape.totals_row = SimpleNamespace(**shape.totals_row) if shape.totals_row else None
    try:
        found = open_rows(
            Path(asked["path"]),
            shape,  # type: ignore[arg-type]
            asked["dataset"],
            asked["month"],
            asked["repeats"],
            Bounds(**asked["bounds"]),
        )
        send_rows(connection, found)
    except DeliveryProblem as problem:
        said = [asdict(finding) for finding in problem.findings]
        send(connection, {"findings": said, "outcome": problem.outcome.value})
    except MemoryError:
        send(connection, {"stopped": "memory"})
        gc.collect()
    except OSError as error:
        send(connection, {"errno": error.errno, "error": type(error).__name__})
    # a panic of a library in Rust is no Exception
    except BaseException as error:
        send(connection, {"error": type(error).__name__})


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
