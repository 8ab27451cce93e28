"""Runs dbt inside this process: it imports dbt only once, and no line of output contains data."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tf_pipeline import paths
from tf_pipeline.dbt.parsed_project import kept_manifest, parse_name, parsed
from tf_pipeline.dbt.project import OPTIONS, DbtProblem, folders, project_folder, target_name
from tf_pipeline.files import DiskFull, is_full, says_full

OK = {"success", "pass", "warn", "no-op"}


def ensure_manifest() -> Path:
    """Path of a manifest that matches the project; parses again only if the project changed."""
    return kept_manifest(target_name())


def project_as_parsed() -> tuple[Any, str]:
    """dbt's Manifest of the current project, and the name that identifies this version of it."""
    target = target_name()
    return parsed(target), parse_name(target)


def invoke(*arguments: str) -> list[Any]:
    """Runs one dbt command and returns its node results; raises DbtProblem if a node failed."""
    results = _invoke(*arguments)
    failed = {r.node.name: _kind(r) for r in results if str(r.status) not in OK}
    if failed:
        raise DbtProblem(failed)
    return results


def _invoke(*arguments: str) -> list[Any]:
    project, target = project_folder(), target_name()
    result = _runner(target).invoke(
        # parsing writes the manifest that Dagster reads, so the commands need not write it
        ["--no-write-json", *OPTIONS, *arguments, *folders(project, target)]
    )
    _release_warehouse()
    results = list(getattr(result.result, "results", None) or [])
    if is_full(result.exception) or any(says_full(r.message or "") for r in results):
        raise DiskFull(f"dbt ran {arguments[0]}")
    if result.exception is not None or (not result.success and not results):
        raise DbtProblem({arguments[0]: type(result.exception).__name__})
    return results


def write_docs() -> Path:
    """Writes dbt's docs into one file that opens without a network; returns its path."""
    from tf_pipeline.warehouse.lock import write_lock

    project, target = project_folder(), target_name()
    with write_lock("writing dbt's pages"):
        result = _runner(target).invoke(
            [*OPTIONS, "docs", "generate", "--static", *folders(project, target)]
        )
        _release_warehouse()
    if not result.success:
        raise DbtProblem({"docs generate": type(result.exception).__name__})
    return paths.dbt_target_dir() / "static_index.html"


def run_tests(names: Iterable[str]) -> dict[str, int]:
    """Runs dbt tests by name; returns the failing rows per test. A test that cannot run raises."""
    wanted = set(names)
    results = _invoke("test", "--select", *sorted(wanted))
    counts = {r.node.name: int(r.failures or 0) for r in results if str(r.status) != "error"}
    unrun = wanted - counts.keys()
    if unrun:
        raise DbtProblem(dict.fromkeys(sorted(unrun), "could not run"))
    return counts


def _runner(target: str) -> Any:
    """A runner with the parsed project, so that no command parses it."""
    from dbt.cli.main import dbtRunner

    return dbtRunner(manifest=parsed(target))


def _release_warehouse() -> None:
    """Closes dbt's connections, which otherwise keep DuckDB's write lock on the file."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def _kind(result: Any) -> str:
    first_line = (result.message or str(result.status)).strip().splitlines()[0]
    return first_line.split(" in ")[0][:80] if " in " in first_line else str(result.status)
