"""Shared fixtures: the sample is loaded once, by the real command, and everybody reads it."""

import contextlib
import fcntl
import gc
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.support.commands import REPO, Ran, room_for_warmth, run_cold
from tests.support.town import Town, found

# what libraries build when they are imported is never garbage: looking for it takes long
gc.set_threshold(50_000, 50, 100)

SAMPLE = REPO / "data" / "inbox"
MONTHS = sorted(path.name for path in SAMPLE.iterdir())
# files of tests, the longest first
FIRST = [
    "bad_deliveries", "load_sample", "every_suite", "landing", "no_leaks", "up_to_date",
    "gates_agree", "ten_outcomes", "keeping", "what_if", "take_back", "new_authorities",
    "interrupted", "encryption", "kept_between_loads", "one_load", "dbt", "comparable", "ui",
    "page_commands", "gates_shut", "re_decide", "alerts", "explain", "releases",
]  # fmt: skip
# files whose tests share nothing of their own
SPREAD = {"alerts", "bad_rules", "check", "confirm", "explain", "gates_shut", "re_decide",
          "releases"}  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """One warm process serves all test processes; it ends with the one that began them."""
    if not hasattr(config, "workerinput"):
        config.add_cleanup(room_for_warmth())


class ByFile(LoadScopeScheduling):
    """A file's tests share what the file makes and go to one process, but for those SPREAD."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        return nodeid if Path(file).stem.removeprefix("test_") in SPREAD else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """How tests are given to processes; `xdist_group` is of no effect with this pytest."""
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest come first: one process begins with the load that others share, one with none."""
    place = {f"test_{name}.py": number for number, name in enumerate(FIRST)}
    items.sort(key=lambda item: place.get(item.path.name, len(FIRST)))


def made_once(
    name: str, make: Callable[[Path], Ran], factory: pytest.TempPathFactory, worker_id: str
) -> tuple[Path, Ran]:
    """A folder that one test process makes and all of them read, and what was said of it."""
    shared = factory.getbasetemp()
    shared = shared if worker_id == "master" else shared.parent
    folder, result = shared / name, shared / f"{name}.json"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not result.exists():
            ran = make(folder)
            result.write_text(json.dumps([ran.code, ran.output, ran.seconds, str(ran.data)]))
    code, output, seconds, data = json.loads(result.read_text())
    return folder, Ran(code, output, seconds, Path(data))


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Ran:
    """Both sample months, loaded by the command in the README as users start it."""
    _, ran = made_once("loaded", lambda f: run_cold(f, "load"), tmp_path_factory, worker_id)
    return ran


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Town:
    """The small town with both months loaded; tests only read it."""
    folder, ran = made_once("town", lambda f: found(f).run("load"), tmp_path_factory, worker_id)
    assert ran.code == 0, ran.output
    return Town(folder, ran.data)


@pytest.fixture
def town_copy(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A loaded town of the test's own, to which this process is pointed."""
    own = Town(town.folder, copy_data(town.data, tmp_path / "data"))
    own.point_at(monkeypatch)
    return own


@pytest.fixture
def loaded_copy(loaded: Ran, tmp_path: Path) -> Path:
    """A data folder of the test's own, with the sample already loaded."""
    return copy_data(loaded.data, tmp_path / "data")


def copy_data(source: Path, target: Path) -> Path:
    """Copies a data folder that other tests read meanwhile."""
    shutil.copytree(source, target, symlinks=True, copy_function=_copy_if_there)
    return target


def _copy_if_there(source: str, target: str) -> str:
    """SQLite's side files go when another test closes Dagster's instance."""
    with contextlib.suppress(FileNotFoundError):
        shutil.copy2(source, target)
    return target


@pytest.fixture(scope="session")
def baseline(loaded: Ran) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published baseline of the sample."""
    connection = loaded.published()
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def warehouse(loaded: Ran) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of the sample, read only."""
    connection = duckdb.connect(str(loaded.data / "warehouse/warehouse.duckdb"), read_only=True)
    yield connection
    connection.close()


@pytest.fixture
def inbox(tmp_path: Path) -> Callable[[str], Path]:
    """A copy of one sample month in an inbox of the test's own, to be spoilt."""

    def copy(month: str) -> Path:
        shutil.copytree(SAMPLE / month, tmp_path / "inbox" / month)
        return tmp_path / "inbox"

    return copy
