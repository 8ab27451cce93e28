"""`tf-pipeline`: the command line; each group of commands has its own module."""

import atexit
import gc
import os
import sys
from typing import Annotated

import typer
from rich.console import Console

from tf_pipeline import paths
from tf_pipeline.commands import (
    alerts,
    deliveries,
    gates,
    keeping,
    load,
    look,
    packs,
    releases,
    suite,
)
from tf_pipeline.errors import UserFacingError
from tf_pipeline.files import DiskFull, is_full

STOPPED = 1
# thresholds of the garbage collector: higher than Python's own, so that it runs less often
COLLECTED_AFTER = (20_000, 20, 50)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for group in (load, deliveries, packs, look, gates, releases, keeping, alerts, suite):
    group.add_to(app)
out = Console()
log = Console(stderr=True, highlight=False)


@app.command()
def ui(
    port: Annotated[int, typer.Option(help="Port")] = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    read_only: Annotated[
        bool, typer.Option("--read-only", help="For leads: nobody can start a run")
    ] = False,
) -> None:
    """Starts the Dagster UI, which shows the runs of all loads."""
    arguments = ["--host", host, "--port", str(port)] + (["--read-only"] if read_only else [])
    _dagster("tf_pipeline.ui", *arguments)


@app.command()
def daemon() -> None:
    """Runs the daemon that the monthly schedule and the inbox sensor need."""
    _dagster("dagster._daemon", "run")


@app.command()
def docs() -> None:
    """Writes dbt's own pages: every model, column and test, with their lineage."""
    from tf_pipeline.dbt.runner import write_docs

    out.print(f"Written: {write_docs()}", soft_wrap=True)


def main() -> None:
    """Entry point; bad input gives one sentence, never a stack trace."""
    # imported libraries create no garbage, and searching them for garbage takes long
    gc.set_threshold(*COLLECTED_AFTER)
    atexit.register(gc.freeze)
    try:
        if paths.rotation_path().exists():
            from tf_pipeline.upkeep.recovery import finish_interrupted

            finish_interrupted()
        app()
    except UserFacingError as problem:
        log.print(str(problem), style="red", markup=False, soft_wrap=True)
        sys.exit(STOPPED)
    except Exception as error:
        if os.environ.get("TF_DEBUG"):
            raise
        if is_full(error):
            message = str(DiskFull("the command was running"))
            log.print(message, style="red", markup=False, soft_wrap=True)
            sys.exit(STOPPED)
        # the message may quote a value of the data
        name = type(error).__name__
        log.print(
            f"Stopped by an error in the program ({name}). The published baseline is complete. "
            "TF_DEBUG=1 shows where the error happened.",
            soft_wrap=True,
        )
        sys.exit(STOPPED)


def _dagster(module: str, *arguments: str) -> None:
    from tf_pipeline.defs.instance import prepare_home
    from tf_pipeline.defs.partitions import show_known_months

    prepare_home()
    show_known_months()
    workspace = str(paths.repo_dir() / "workspace.yaml")
    os.chdir(paths.repo_dir())
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments, "-w", workspace])
