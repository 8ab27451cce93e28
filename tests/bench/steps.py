"""What is measured in a tree, in the order in which one step leaves the next its data.

Belongs here: the commands, their environment and the files they start from.
Does not belong here: how a process is measured, and what is made of the figures.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.bench import inbox as deliveries
from tests.bench.measure import Cost, floor_part, load_part, run
from tests.bench.trees import Tree

LAUNCH = Path(__file__).with_name("launch.py")
QUIET = ["--quiet", "--no-use-colors", "--log-level-file", "none"]
NO_TESTS = ["--exclude-resource-type", "test", "unit_test"]
# what a tree's process is not told by the shell that started the benchmark
OWN = ("TF_", "DBT_", "DAGSTER_", "PYTHON", "VIRTUAL_ENV")


class Steps:
    """A tree's steps in a folder of its own; each method but `warm` is one measurement."""

    def __init__(self, tree: Tree, inbox: Path, corrected_inbox: Path, folder: Path) -> None:
        self.tree, self.inbox, self.corrected_inbox = tree, inbox, corrected_inbox
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        self.data = folder / "data"
        self.loaded = folder / "loaded" / "warehouse.duckdb"
        self.compiled = folder / "compiled"
        self.loaded.parent.mkdir(parents=True)

    def warm(self) -> None:
        """Loads the tree's small sample, unmeasured: bytecode and file cache are then there."""
        self._load(self.tree.path / "data" / "inbox", deliveries.MONTH)
        shutil.rmtree(self.data)

    def month(self) -> Cost:
        """The first load of a month, in an empty data folder."""
        shutil.rmtree(self.data, ignore_errors=True)
        cost = self._load(self.inbox, deliveries.MONTH)
        shutil.copy2(self.data / "warehouse" / "warehouse.duckdb", self.loaded)
        return cost

    def again(self) -> Cost:
        """The load of the same month, where nothing is new."""
        return self._load(self.inbox, deliveries.MONTH)

    def corrected(self) -> Cost:
        """One authority's delivery comes again with a row less, on top of the loaded month."""
        return self._load(self.corrected_inbox, deliveries.MONTH)

    def whole_again(self) -> Cost:
        """The full load of what `corrected` left."""
        return self._load(self.corrected_inbox, deliveries.MONTH, "--again")

    def dbt_build(self) -> Cost:
        """`dbt build` of seeds and models in a process of its own, with an empty target folder."""
        return self._dbt("build", self._empty("dbt"), *NO_TESTS)

    def floor(self) -> Cost:
        """The floor (floor.py), on this tree's compiled SQL."""
        manifest = self.compiled / "target" / "manifest.json"
        if not manifest.exists():
            self._dbt("compile", self._empty("compiled"))
        arguments = {
            "--month-folder": self.inbox / deliveries.MONTH,
            "--loaded": self.loaded,
            "--manifest": manifest,
            "--project": self.tree.path / "dbt_project",
            "--out": self._empty("floor"),
        }
        words = [word for pair in arguments.items() for word in pair]
        return self._launch("floor", *words, naming=floor_part)

    def help(self) -> Cost:
        """`tf-pipeline --help`."""
        return self._command("--help")

    def status(self) -> Cost:
        """`tf-pipeline status`, after a load."""
        return self._command("status")

    def explain(self) -> Cost:
        """`tf-pipeline explain` of one cell, drawn by the same seed."""
        return self._command("explain", "--draw", "1", "--seed", "7")

    def check(self) -> Cost:
        """`tf-pipeline check` of one authority's files of the month."""
        files = deliveries.files_of(self.inbox, deliveries.AUTHORITY)
        whose = ["--authority", deliveries.AUTHORITY, "--month", deliveries.MONTH]
        return self._command("check", *whose, *files)

    def _load(self, inbox: Path, month: str, *more: str) -> Cost:
        return self._launch("tf-pipeline", "load", month, "--inbox", inbox, *more, naming=load_part)

    def _launch(self, *words: str | Path, naming: Callable[[str, str], str]) -> Cost:
        stamps = self.folder / "stamps.json"
        command = [self.tree.python, "-P", LAUNCH, stamps, *words]
        return run(
            command, self._environment(), self.tree.path, self.folder / "log.txt", stamps, naming
        )

    def _command(self, *words: str | Path) -> Cost:
        command = [self.tree.python.with_name("tf-pipeline"), *words]
        return run(command, self._environment(), self.tree.path, self.folder / "log.txt")

    def _dbt(self, verb: str, folder: Path, *more: str) -> Cost:
        """A dbt command on a copy of the loaded warehouse, where each table is made anew."""
        warehouse = folder / "warehouse.duckdb"
        shutil.copy2(self.loaded, warehouse)
        environment = self._environment() | {
            "TF_WAREHOUSE": str(warehouse),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        project = self.tree.path / "dbt_project"
        where = ["--project-dir", project, "--profiles-dir", project, "--target", "duckdb"]
        # the floor needs the manifest that `compile` writes
        written = ["--no-write-json"] if verb == "build" else []
        command = [self.tree.python.with_name("dbt"), *QUIET, *written, verb, "--full-refresh"]
        return run([*command, *more, *where], environment, project, self.folder / "log.txt")

    def _empty(self, name: str) -> Path:
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def _environment(self) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith(OWN)}
        return kept | {
            "TF_DATA_DIR": str(self.data),
            "DO_NOT_TRACK": "1",
            "COLUMNS": "100",
        }


# in this order: each starts from what the ones before it left
STEPS: dict[str, Callable[[Steps], Cost]] = {
    "month": Steps.month,
    "again": Steps.again,
    "--help": Steps.help,
    "status": Steps.status,
    "explain": Steps.explain,
    "check": Steps.check,
    "dbt build": Steps.dbt_build,
    "floor": Steps.floor,
    "corrected": Steps.corrected,
    "whole again": Steps.whole_again,
}
