"""Hashes of what determines a month, apart from its deliveries: mapping, declarations, code."""

from collections.abc import Iterable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from tf_pipeline import paths

CODE = ["models/**/*", "macros/**/*", "tests/**/*", "seeds/*.yml", "*.yml"]


def rule_parts() -> dict[str, str]:
    """Hashes of what reads and validates the deliveries: mapping, declarations, code."""
    seeds = ["seeds/crosswalks/**/*", "seeds/reference/**/*"]
    return {
        "mapping": hash_of_files([(paths.dbt_dir(), seeds), (paths.authorities_dir(), ["*.yml"])]),
        "declarations": hash_of_files([(paths.dbt_dir(), ["seeds/declarations/**/*"])]),
        "code": hash_of_files(
            [
                (paths.dbt_dir(), CODE),
                (paths.expectations_dir(), ["*.json", "*.csv"]),
                (paths.repo_dir() / "tf_pipeline", ["**/*.py"]),
            ]
        ),
    }


def resolver_version() -> str:
    """A hash of the code that resolves the rules, for tables that it makes."""
    code = [(paths.repo_dir() / "tf_pipeline", ["rules/*.py", "naming.py", "calendar.py"])]
    return hash_of_files(code) + version("polars")


def hash_of_files(places: Iterable[tuple[Path, Iterable[str]]]) -> str:
    """Hash of the names and contents of files, given as folders with patterns."""
    digest = sha256()
    for folder, patterns in places:
        for path in _files(folder, patterns):
            digest.update(f"{path.relative_to(folder)}\0".encode())
            digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(folder: Path, patterns: Iterable[str]) -> list[Path]:
    found = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    return sorted(found)
