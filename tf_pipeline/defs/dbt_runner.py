"""Runs dbt inside this process: its imports are paid once, and no line of output holds data."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tf_pipeline import paths
from tf_pipeline.defs.parsed_project import kept_manifest, parse_name, parsed
from tf_pipeline.disk import DiskFull, is_full, says_full
from tf_pipeline.problems import OwnProblem
from tf_pipeline.warehouse.opening import is_encrypted

OK = {"success", "pass", "warn", "no-op"}
# dbt prints its errors even when quiet, and they quote values
_GLOBAL = ["--quiet", "--no-use-colors", "--log-level", "none", "--log-level-file", "none"]


class DbtProblem(OwnProblem):
    """dbt could not run, or some of its nodes failed; named without dbt's own message."""

    def __init__(self, failed: dict[str, str]) -> None:
        # dbt's messages quote values of the data; the node and the kind of error do not
        super().__init__("; ".join(f"{name}: {kind}" for name, kind in failed.items()))
        self.failed = failed


def ensure_manifest() -> Path:
    """Path of a manifest that matches the project; parsed anew only where the project changed."""
    return kept_manifest(_target())


def project_as_parsed() -> tuple[Any, str]:
    """dbt's Manifest of the project as it is now, and the name that only this project has."""
    target = _target()
    return parsed(target), parse_name(target)


def parse(target: str) -> Any:
    """dbt's Manifest of the project, parsed. Raises DbtProblem with dbt's own words."""
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    project = _project()
    # a partial parse after a change of a macro loses what `_tests.yml` says of the tests
    arguments = ["--no-partial-parse", *_GLOBAL, "parse", *_folders(project, target)]
    done = dbtRunner().invoke(arguments)
    if not isinstance(done.result, Manifest):
        # a project's own parse error quotes SQL and YAML, never data
        raise DbtProblem({"parse": str(done.exception)})
    return done.result


def invoke(*arguments: str) -> list[Any]:
    """Runs one dbt command and returns its node results; raises DbtProblem where one failed."""
    results = _invoke(*arguments)
    failed = {r.node.name: _kind(r) for r in results if str(r.status) not in OK}
    if failed:
        raise DbtProblem(failed)
    return results


def _invoke(*arguments: str) -> list[Any]:
    project, target = _project(), _target()
    result = _runner(target).invoke(
        # the manifest that Dagster reads is written when the project is parsed, not by each command
        ["--no-write-json", *_GLOBAL, *arguments, *_folders(project, target)]
    )
    _release_warehouse()
    results = list(getattr(result.result, "results", None) or [])
    if is_full(result.exception) or any(says_full(r.message or "") for r in results):
        raise DiskFull(f"dbt was at {arguments[0]}")
    if result.exception is not None or (not result.success and not results):
        raise DbtProblem({arguments[0]: type(result.exception).__name__})
    return results


def write_docs() -> Path:
    """Writes dbt's pages into one file that opens without a network, and returns its path."""
    from tf_pipeline.warehouse.lock import write_lock

    project, target = _project(), _target()
    with write_lock("writing dbt's pages"):
        result = _runner(target).invoke(
            [*_GLOBAL, "docs", "generate", "--static", *_folders(project, target)]
        )
        _release_warehouse()
    if not result.success:
        raise DbtProblem({"docs generate": type(result.exception).__name__})
    return paths.dbt_target_dir() / "static_index.html"


def run_tests(names: Iterable[str]) -> dict[str, int]:
    """Runs dbt tests by name; returns how many rows failed each. A test that cannot run raises."""
    wanted = set(names)
    results = _invoke("test", "--select", *sorted(wanted))
    counts = {r.node.name: int(r.failures or 0) for r in results if str(r.status) != "error"}
    unrun = wanted - counts.keys()
    if unrun:
        raise DbtProblem(dict.fromkeys(sorted(unrun), "could not run"))
    return counts


def _runner(target: str) -> Any:
    """A runner that holds the parsed project: no command parses it."""
    from dbt.cli.main import dbtRunner

    return dbtRunner(manifest=parsed(target))


def _project() -> str:
    """The project's folder; dbt is told where to write and which warehouse."""
    target = paths.dbt_target_dir()
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ |= {
        "TF_WAREHOUSE": str(paths.warehouse_path()),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    return str(paths.dbt_dir())


def _folders(project: str, target: str) -> list[str]:
    return ["--project-dir", project, "--profiles-dir", project, "--target", target]


def _target() -> str:
    """The profile's output: an encrypted warehouse is attached by a plugin of ours."""
    return "encrypted" if is_encrypted(paths.warehouse_path()) else "duckdb"


def _release_warehouse() -> None:
    """dbt's connections keep the write lock of the file until they are closed."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def _kind(result: Any) -> str:
    first_line = (result.message or str(result.status)).strip().splitlines()[0]
    return first_line.split(" in ")[0][:80] if " in " in first_line else str(result.status)
