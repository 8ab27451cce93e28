"""The parsed dbt project, stored with the project so that a load does not parse it again.

Belongs here: naming a stored parse, reading it, and making it if it does not exist.
Does not belong here: running dbt (`runner.py`).

A parse does not depend on the data. Its name is a hash of every file that dbt parses, of dbt's
versions and of the target. A change in one of them changes the name, so a parse is never stale.
The rows of a seed are not part of the hash, because dbt reads them when it seeds.
"""

import os
import sys
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tf_pipeline import paths
from tf_pipeline.dbt.project import parse
from tf_pipeline.files import file_lock, write_whole

# two targets, each with its current and its previous version
KEPT_PARSES = 4
DIGEST_BYTES = 32
MANIFEST = "manifest.json"


def kept_manifest(target: str) -> Path:
    """Path of a `manifest.json` of the current project; parses the project if necessary."""
    path = _folder() / f"{parse_name(target)}.json"
    if not path.exists():
        parsed(target)
    return path


def parsed(target: str) -> Any:
    """dbt's Manifest of the current project, from a stored parse or a new one."""
    manifest = _parsed(parse_name(target), target)
    for node in manifest.nodes.values():
        # read the rows of seeds from the current folder; the parse may come from another one
        if node.resource_type == "seed":
            node.root_path = str(paths.dbt_dir())
        # a command before may have compiled the node; dbt would not put its inline models in again
        if getattr(node, "extra_ctes_injected", False):
            node.compiled, node.extra_ctes_injected, node.extra_ctes = False, False, []
    return manifest


@lru_cache(maxsize=2)
def _parsed(name: str, target: str) -> Any:
    path = _folder() / f"{name}.msgpack"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # if two processes start together, only one parses
    with file_lock(path.with_name("parse.lock")):
        manifest = _read(path)
        if manifest is None or not path.with_suffix(".json").exists():
            manifest = parse(target)
            _keep(path, manifest)
    return manifest


def _read(path: Path) -> Any | None:
    """A stored parse; None if there is none, or if the file is damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, packed = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
    if sha256(packed).digest() != digest:
        return None
    from dbt.contracts.graph.manifest import Manifest

    return Manifest.from_msgpack(packed)


def _keep(path: Path, manifest: Any) -> None:
    """Writes a parse and its `manifest.json`; removes the oldest ones."""
    # dbt has just written this file while parsing
    write_whole(path.with_suffix(".json"), (paths.dbt_target_dir() / MANIFEST).read_text("utf-8"))
    packed = manifest.to_msgpack()
    write_whole(path, sha256(packed).digest() + packed)
    kept = sorted(path.parent.glob("parse-*.msgpack"), key=lambda one: one.stat().st_mtime)
    for old in kept[:-KEPT_PARSES]:
        old.unlink(missing_ok=True)
        old.with_suffix(".json").unlink(missing_ok=True)


def _folder() -> Path:
    """dbt's own folder for its results; in the data folder if the project is read only."""
    beside = paths.repo_dir() / "dbt_project" / "target"
    if os.access(beside if beside.exists() else beside.parent, os.W_OK):
        return beside
    return paths.dbt_target_dir()


def parse_name(target: str) -> str:
    """The name of a parse of the current project; it changes with the project."""
    root = paths.dbt_dir()
    libraries = [version(name) for name in ("dbt-core", "dbt-duckdb", "dbt-adapters")]
    database = Path(paths.warehouse_path()).stem
    digest = sha256(repr([*libraries, sys.version_info[:2], target, database]).encode())
    for pattern in ("*.yml", "models/**/*", "macros/**/*", "tests/**/*", "seeds/**/*"):
        for path in sorted(root.glob(pattern)):
            if path.is_file():
                digest.update(f"\0{path.relative_to(root)}\0".encode())
                digest.update(b"" if path.suffix == ".csv" else path.read_bytes())
    return f"parse-{digest.hexdigest()[:24]}"
