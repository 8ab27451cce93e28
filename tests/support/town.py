"""A small system, for tests about processes and not about figures.

Three authorities: one sends text, one a wide workbook with repeated groups, one lists in cells and
two heading rows. Few families, two versions of the second month, one rule per dataset or table.
"""

import json
import shutil
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

from tests.support.commands import REPO, Ran, Started, run_cli, start_cli
from tf_pipeline.authorities import registry
from tf_pipeline.sample.generate import generate

# the repository's own authorities, even in a process that uses a town
_ALL = sorted(path.stem for path in (REPO / "tf_pipeline/authorities").glob("*.yml"))
TEXT, WIDE, LISTS = (_ALL[number] for number in (3, 4, 7))
AUTHORITIES = [TEXT, WIDE, LISTS]
MONTHS = ["2016-04", "2016-05"]
FAMILIES, SEED = 60, 7


@dataclass(frozen=True)
class Town:
    """Deliveries, their shapes and suites, and a data folder; `inbox/<a or b>` are two versions."""

    folder: Path
    data: Path

    @property
    def inbox(self) -> Path:
        """The deliveries as they were first sent."""
        return self.folder / "inbox/a"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make a command use this town."""
        return {
            "TF_AUTHORITIES": str(self.folder / "authorities"),
            "TF_EXPECTATIONS": str(self.folder / "expectations"),
            "TF_INBOX": str(self.inbox),
        }

    def run(self, *arguments: str, **environment: str) -> Ran:
        """Runs a command on this town."""
        return run_cli(self.data, *arguments, **self.environment | environment)

    def start(self, *arguments: str) -> Started:
        """Starts a command on this town."""
        return start_cli(self.data, *arguments, **self.environment)

    def point_at(self, patched: pytest.MonkeyPatch) -> None:
        """Makes this process use this town; its code location keeps all authorities."""
        # import first: it is made once per process, and other tests need all authorities in it
        import_module("tf_pipeline.definitions")
        named = {"TF_DATA_DIR": self.data, "DAGSTER_HOME": self.data / "dagster"}
        for name, value in (self.environment | named).items():
            patched.setenv(name, str(value))


def found(folder: Path) -> Town:
    """Writes a town's shapes, suites and deliveries below a folder; loads nothing."""
    authorities, suites = folder / "authorities", folder / "expectations"
    authorities.mkdir(parents=True)
    for one in AUTHORITIES:
        shutil.copyfile(REPO / "tf_pipeline/authorities" / f"{one}.yml", authorities / f"{one}.yml")
    suites.mkdir()
    for path in (REPO / "expectations").glob("*.json"):
        suite = json.loads(path.read_text())
        # these tests are not about validation, so one rule per dataset is enough
        of = {rule.get("meta", {}).get("dataset"): rule for rule in suite["expectations"][::-1]}
        suite["expectations"] = list(of.values())
        (suites / path.name).write_text(json.dumps(suite))
    for path in (REPO / "expectations").glob("*.csv"):
        shutil.copyfile(path, suites / path.name)
    generate(folder / "inbox/a", MONTHS, FAMILIES, SEED, AUTHORITIES)
    shutil.copytree(folder / "inbox/a", folder / "inbox/b")
    shape = registry.shape(TEXT).datasets["interventions"]
    (corrected,) = (folder / "inbox/b" / MONTHS[1] / TEXT).glob(shape.files)
    lines = corrected.read_bytes().splitlines(keepends=True)
    corrected.write_bytes(b"".join(lines[:-1]))
    return Town(folder, folder / "data")
