"""A warm process that forks commands, so that all of them share one slow import.

Belongs here: the program that `commands.py` starts once for all test processes and calls through a
socket. It imports libraries, and the modules of the package that read no environment variable on
import. It runs none of their code, so no thread and no database exists before a fork: each command
starts as if in its own process.
"""

import atexit
import gc
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import threading
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

LIBRARIES = [
    "alembic", "dagster", "dagster._core.storage.event_log.sqlite", "dagster._daemon.daemon",
    "dagster_dbt", "dbt.adapters.duckdb", "dbt.cli.main", "dbt.task.build", "duckdb", "fastexcel",
    "great_expectations", "jinja2", "pandas", "polars", "pyarrow",
    "rich.table", "sqlalchemy", "sqlparse", "structlog", "typer", "upath", "xlsxwriter", "yaml",
]  # fmt: skip
# on import these modules make a console for the output of the moment
COLD = ("tf_pipeline.cli", "tf_pipeline.commands")
REQUEST_BYTES = 1 << 20


def warm_up() -> None:
    """Imports the modules that do not depend on environment variables."""
    import tf_pipeline

    for name in LIBRARIES:
        import_module(name)
    for module in pkgutil.walk_packages(tf_pipeline.__path__, "tf_pipeline."):
        if not module.name.startswith(COLD) and not module.name.endswith("__main__"):
            import_module(module.name)
    # what every load reads of the repository's own project and authorities
    from tf_pipeline.dbt.parsed_project import parsed
    from tf_pipeline.definitions import defs

    parsed("duckdb")
    defs()
    assert threading.active_count() == 1, threading.enumerate()
    gc.collect()
    gc.freeze()


def serve(door: socket.socket, alive: int) -> None:
    """Forks a command for each caller, until nobody holds the other end of `alive`."""
    # nobody waits for the children that wait for a command
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        ready, _, _ = select.select([door, alive], [], [])
        if alive in ready:
            return
        caller, _ = door.accept()
        with caller:
            if not os.fork():
                answer(caller)


def answer(caller: socket.socket) -> NoReturn:
    """Starts a command and sends its process id, then, after its end, its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    text, descriptors, _, _ = socket.recv_fds(caller, REQUEST_BYTES, 2)
    request = json.loads(text)
    child = os.fork()
    if not child:
        caller.close()
        become(request, descriptors)
    caller.sendall(f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    caller.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def become(request: dict[str, Any], descriptors: list[int]) -> NoReturn:
    """Runs a command or a script as if this process had been started for it."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, descriptor in enumerate([nothing, *descriptors]):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    if request["umask"] is not None:
        os.umask(request["umask"])
    sys.argv = ["tf-pipeline", *request["arguments"]]
    code: Any = 0
    try:
        exec(compile(request["script"], "<script>", "exec"), {"__name__": "__main__"})
    except SystemExit as stop:
        code = stop.code
    except BaseException:
        traceback.print_exc()
        code = 1
    if isinstance(code, str):
        print(code, file=sys.stderr)
    # as at the end of every process: wait for threads, then run the registered exit functions
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def main(folder: Path) -> None:
    """The program: warms up, then reports that it waits at `door`."""
    alive = os.open(folder / "alive", os.O_RDONLY | os.O_NONBLOCK)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(folder / "door"))
        door.listen(64)
        warm_up()
        print("warm", flush=True)
        serve(door, alive)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
