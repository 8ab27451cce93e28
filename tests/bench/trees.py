"""The checkouts that are compared, and the machine they are compared on.

Belongs here: what a tree and the machine are, without a path or a host's name.
Does not belong here: what is run in a tree.
"""

import json
import os
import platform
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("duckdb", "polars", "dbt-core", "dbt-duckdb", "dagster", "great-expectations")


@dataclass(frozen=True)
class Tree:
    """A checkout with its own `.venv`; `label` is its commit, numbered where two are the same."""

    path: Path
    label: str
    commit: str
    about: dict

    @property
    def python(self) -> Path:
        """The tree's own interpreter."""
        return self.path / ".venv" / "bin" / "python"


def trees(paths: list[Path]) -> list[Tree]:
    """The trees in the order given. Raises ValueError where one cannot run its own code."""
    found = [(path.resolve(), _commit(path)) for path in paths]
    often = Counter(commit for _, commit in found)
    return [
        Tree(
            path,
            f"{commit} ({number})" if often[commit] > 1 else commit,
            commit,
            _about(path) | {"commit": commit, "subject": _git(path, "log", "-1", "--format=%s")},
        )
        for number, (path, commit) in enumerate(found, start=1)
    ]


def machine() -> dict:
    """Processor, cores, memory in GiB and kernel; no host name."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory, 1),
        "kernel": f"{platform.system()} {platform.release()}",
    }


def _about(path: Path) -> dict:
    """Versions in a tree's `.venv`, and whether it really runs the tree's own code."""
    python = path / ".venv" / "bin" / "python"
    if not python.exists():
        raise ValueError(f"{path} has no .venv; run `make setup` there")
    asked = (
        "import json, platform, tf_pipeline; from importlib.metadata import version; "
        f"print(json.dumps(dict(code=tf_pipeline.__file__, python=platform.python_version(), "
        f"packages={{name: version(name) for name in {PACKAGES}}})))"
    )
    ran = subprocess.run([python, "-P", "-c", asked], capture_output=True, text=True, cwd=path)
    if ran.returncode:
        raise ValueError(f"{path}/.venv cannot import tf_pipeline; run `make setup` there")
    about = json.loads(ran.stdout)
    if not Path(about.pop("code")).resolve().is_relative_to(path.resolve()):
        raise ValueError(f"{path}/.venv runs the code of another tree; run `make setup` there")
    return about


def _commit(path: Path) -> str:
    commit = _git(path, "rev-parse", "--short=7", "HEAD")
    changed = _git(
        path, "status", "--porcelain", "--", "tf_pipeline", "dbt_project", "expectations"
    )
    return f"{commit}+" if changed else commit


def _git(path: Path, *arguments: str) -> str:
    ran = subprocess.run(
        ["git", "-C", path, *arguments], capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()
