"""Replaces the data folder by one made with a new key: completely, or not at all.

Belongs here: the plan, which survives a crash, and the steps, which can all be repeated.
Does not belong here: making the new data (`rotate_key.py`).
"""

import json
import shutil
from pathlib import Path

from tf_pipeline import paths
from tf_pipeline.files import write_whole
from tf_pipeline.releases.catalogue import current_id, point_current_at
from tf_pipeline.releases.release_register import entries, record
from tf_pipeline.warehouse.lock import write_lock

SCRATCH = ".rotating-"


def plan(scratch: Path, release_id: str, retired: str) -> None:
    """Makes the new data valid; after a crash the next command or run finishes the rest.

    `scratch` lies in the data folder and has the same layout for warehouse, key and release.
    `retired` is the new file name of the old key.
    """
    steps = {"scratch": scratch.name, "release": release_id, "retired": retired}
    write_whole(paths.rotation_path(), json.dumps(steps))


def finish_interrupted() -> None:
    """Finishes a rotation that a crash interrupted; does nothing if there is none."""
    if paths.rotation_path().exists():
        with write_lock("finishing an interrupted key rotation"):
            # another process may have finished it in the meantime
            if paths.rotation_path().exists():
                finish()


def finish() -> None:
    """Does the remaining steps of a plan; the caller holds the write lock."""

    steps = json.loads(paths.rotation_path().read_text())
    scratch, release_id = paths.data_dir() / steps["scratch"], steps["release"]
    _retire_key(scratch, steps["retired"])
    release = paths.published_dir() / release_id
    if not release.exists():
        (scratch / "published" / release_id).rename(release)
    warehouse = scratch / "warehouse" / paths.warehouse_path().name
    if warehouse.exists():
        # a log left by a killed writer belongs to the old file
        paths.warehouse_path().with_name(f"{warehouse.name}.wal").unlink(missing_ok=True)
        warehouse.replace(paths.warehouse_path())
    key = scratch / "secrets" / paths.key_path().name
    if key.exists():
        key.replace(paths.key_path())
    if not any(e.get("release") == release_id for e in entries()):
        record("published", release_id, current_id())
    point_current_at(release_id)
    paths.rotation_path().unlink()
    shutil.rmtree(scratch, ignore_errors=True)


def _retire_key(scratch: Path, name: str) -> None:
    """Copies the old key to its new name while it is still in place."""
    target = paths.key_path().parent / "retired" / name
    if target.exists() or not (scratch / "secrets" / paths.key_path().name).exists():
        return
    target.parent.mkdir(exist_ok=True, mode=0o700)
    write_whole(target, paths.key_path().read_bytes(), mode=0o600)
