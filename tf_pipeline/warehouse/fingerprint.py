"""One hash of everything that shapes a month: so that a load with nothing new does nothing."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from tf_pipeline import paths


def fingerprint(inbox_month: Path, earlier: str) -> str:
    """Hash of the month's deliveries, the crosswalks, models, suites, shapes and code.

    `earlier` is the fingerprint of the month before: what stands depends on it.
    """
    digest = sha256(earlier.encode())
    package = paths.repo_dir() / "tf_pipeline"
    for folder, patterns in (
        (inbox_month, ["**/*"]),
        # a person's word takes in what was held
        (paths.quarantine_dir() / inbox_month.name, ["*/confirmed.json"]),
        (paths.dbt_dir(), ["seeds/**/*", "models/**/*", "macros/**/*", "tests/**/*", "*.yml"]),
        (paths.expectations_dir(), ["*.json"]),
        (paths.authorities_dir(), ["*.yml"]),
        (package, ["**/*.py"]),
    ):
        for path in _files(folder, patterns):
            digest.update(f"{path.relative_to(folder)}\0".encode())
            digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(folder: Path, patterns: Iterable[str]) -> list[Path]:
    found = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    return sorted(found)
