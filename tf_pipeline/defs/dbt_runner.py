"""Runs dbt inside this process: its imports are paid once, and no line of output holds data."""

import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from tf_pipeline import paths

MANIFEST = "manifest.json"
_GLOBAL = ["--quiet", "--no-use-colors", "--log-level-file", "none"]


class DbtProblem(Exception):
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
        invoke("parse")
        stamp.write_text(current)
    return manifest


def invoke(*arguments: str) -> list[Any]:
    """Runs one dbt command and returns its node results; raises DbtProblem where one failed."""
    target = paths.dbt_target_dir()
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ |= {
        "TF_WAREHOUSE": str(paths.warehouse_path()),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    project = str(paths.dbt_dir())
    result = _runner(project, _project_hash()).invoke(
        [*_GLOBAL, *arguments, "--project-dir", project, "--profiles-dir", project]
    )
    _release_warehouse()
    failed = {
        one.node.name: _kind(one)
        for one in getattr(result.result, "results", None) or []
        if str(one.status) not in {"success", "pass", "warn", "no-op"}
    }
    if result.exception is not None:
        failed[arguments[0]] = type(result.exception).__name__
    if not result.success:
        raise DbtProblem(failed or {arguments[0]: "dbt failed"})
    return list(getattr(result.result, "results", None) or [])


@lru_cache(maxsize=1)
def _runner(project: str, _hash: str):
    """A runner that holds the parsed project: each command then skips parsing."""
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    parsed = dbtRunner().invoke(
        [*_GLOBAL, "parse", "--project-dir", project, "--profiles-dir", project]
    )
    if not isinstance(parsed.result, Manifest):
        # a project's own parse error quotes SQL and YAML, never data
        raise DbtProblem({"parse": str(parsed.exception)})
    return dbtRunner(manifest=parsed.result)


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
