"""One hash of everything that shapes a month: so that a load with nothing new does nothing."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from tf_pipeline import paths
from tf_pipeline.warehouse.delivery_register import choices

CODE = ["models/**/*", "macros/**/*", "tests/**/*", "seeds/*.yml", "*.yml"]


def fingerprint(inbox_month: Path, earlier: str) -> str:
    """Hash of the month's deliveries, the crosswalks, models, suites, shapes and code.

    `earlier` is the fingerprint of the month before: what stands depends on it.
    """
    # a person's word takes in what was held
    word = (paths.quarantine_dir() / inbox_month.name, ["*/confirmed.json"])
    came = _hash([(inbox_month, ["**/*"]), word])
    chosen = repr(choices(inbox_month.name))
    of_all = (earlier, came, chosen, *rule_parts().values())
    return sha256("\0".join(of_all).encode()).hexdigest()


def rule_parts() -> dict[str, str]:
    """Hashes of what reads and judges the deliveries: mapping, declarations, code."""
    seeds = ["seeds/crosswalks/**/*", "seeds/reference/**/*"]
    return {
        "mapping": _hash([(paths.dbt_dir(), seeds), (paths.authorities_dir(), ["*.yml"])]),
        "declarations": _hash([(paths.dbt_dir(), ["seeds/declarations/**/*"])]),
        "code": _hash(
            [
                (paths.dbt_dir(), CODE),
                (paths.expectations_dir(), ["*.json", "*.csv"]),
                (paths.repo_dir() / "tf_pipeline", ["**/*.py"]),
            ]
        ),
    }


def _hash(places: Iterable[tuple[Path, Iterable[str]]]) -> str:
    digest = sha256()
    for folder, patterns in places:
        for path in _files(folder, patterns):
            digest.update(f"{path.relative_to(folder)}\0".encode())
            digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(folder: Path, patterns: Iterable[str]) -> list[Path]:
    found = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    return sorted(found)
