"""Runs dbt inside this process: its imports are paid once, and no line of output holds data."""

import os
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from tf_pipeline import paths
from tf_pipeline.disk import DiskFull, is_full, says_full, write_whole
from tf_pipeline.problems import OwnProblem
from tf_pipeline.warehouse.opening import is_encrypted

MANIFEST = "manifest.json"
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
    target = paths.dbt_target_dir()
    manifest, stamp = target / MANIFEST, target / "project.sha256"
    current = _project_hash()
    if not manifest.exists() or not stamp.exists() or stamp.read_text() != current:
        # while it is written it is not there: a process may die meanwhile
        stamp.unlink(missing_ok=True)
        _runner(*_project(), _target())
        write_whole(stamp, current)
    return manifest


def invoke(*arguments: str) -> list[Any]:
    """Runs one dbt command and returns its node results; raises DbtProblem where one failed."""
    results = _invoke(*arguments)
    failed = {r.node.name: _kind(r) for r in results if str(r.status) not in OK}
    if failed:
        raise DbtProblem(failed)
    return results


def _invoke(*arguments: str) -> list[Any]:
    project, content = _project()
    result = _runner(project, content, _target()).invoke(
        # the manifest that Dagster reads is written when the project is parsed, not by each command
        ["--no-write-json", *_GLOBAL, *arguments, *_folders(project)]
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

    project, content = _project()
    with write_lock("writing dbt's pages"):
        result = _runner(project, content, _target()).invoke(
            [*_GLOBAL, "docs", "generate", "--static", *_folders(project)]
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


@lru_cache(maxsize=1)
def _runner(project: str, _hash: str, _chosen: str):
    """A runner that holds the parsed project: each command then skips parsing."""
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    parsed = dbtRunner().invoke([*_GLOBAL, "parse", *_folders(project)])
    if not isinstance(parsed.result, Manifest):
        # a project's own parse error quotes SQL and YAML, never data
        raise DbtProblem({"parse": str(parsed.exception)})
    return dbtRunner(manifest=parsed.result)


def _project() -> tuple[str, str]:
    """The project's folder and content hash; dbt is told where to write and which warehouse."""
    target = paths.dbt_target_dir()
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ |= {
        "TF_WAREHOUSE": str(paths.warehouse_path()),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    return str(paths.dbt_dir()), _project_hash()


def _folders(project: str) -> list[str]:
    return ["--project-dir", project, "--profiles-dir", project, "--target", _target()]


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


def _project_hash() -> str:
    root = paths.dbt_dir()
    digest = sha256(str(root).encode())
    for pattern in ("*.yml", "models/**/*", "macros/**/*", "tests/**/*", "seeds/**/*"):
        for path in sorted(root.glob(pattern)):
            if path.is_file():
                digest.update(f"{path}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
