"""File permissions: only the owner may read, except that a group may read what is published.

Belongs here: the modes of folders and files, independent of the process's umask.
Does not belong here: the pseudonymisation key's own check (`keys.py`).
"""

import os
from pathlib import Path

from tf_pipeline import paths

OWNER_FOLDER, GROUP_FOLDER, GROUP_FILE = 0o700, 0o750, 0o640


def restricted() -> list[Path]:
    """Folders with delivered rows, names, local ids or the key, or with reports about them."""
    return [
        paths.key_path().parent,
        paths.warehouse_path().parent,
        paths.quarantine_dir(),
        paths.packs_dir(),
        paths.dbt_target_dir(),
        paths.dagster_home(),
        # the archive of deliveries copied from the inbox
        paths.data_dir() / "landing",
    ]


def only_for_the_owner() -> None:
    """Makes this process write for its owner only; also closes older, more open folders.

    The data folder lets a group pass through to the published files. An existing data folder
    keeps its mode.
    """
    os.umask(0o077)
    data = paths.data_dir()
    if not data.exists():
        data.mkdir(parents=True)
        data.chmod(GROUP_FOLDER)
    for folder in restricted():
        if folder.is_dir() and folder.stat().st_mode & 0o077:
            folder.chmod(OWNER_FOLDER)


def for_the_group(*found: Path) -> None:
    """Lets the group read a folder or file that has no personal values."""
    for path in found:
        path.chmod(GROUP_FOLDER if path.is_dir() else GROUP_FILE)
