"""Shared fixtures: the sample is loaded once, by the real command, and everybody reads it."""

import contextlib
import fcntl
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from tests.support.commands import REPO, Ran, room_for_warmth, run_cold

SAMPLE = REPO / "data" / "inbox"
MONTHS = sorted(path.name for path in SAMPLE.iterdir())


def pytest_configure(config: pytest.Config) -> None:
    """One warm process serves all test processes; it ends with the one that began them."""
    if not hasattr(config, "workerinput"):
        config.add_cleanup(room_for_warmth())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process starts the load that others share; the other does what needs none meanwhile."""
    needs_load = {item.path for item in items if "loaded" in getattr(item, "fixturenames", ())}
    first = ["test_bad_deliveries.py", "test_lineage.py"]
    items.sort(key=lambda item: (item.path.name not in first, item.path in needs_load))


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Ran:
    """Both sample months, loaded by the command in the README, once for all test processes."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared if worker_id == "master" else shared.parent
    folder, result = shared / "loaded", shared / "loaded.json"
    with (shared / "loaded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not result.exists():
            ran = run_cold(folder, "load")
            result.write_text(json.dumps([ran.code, ran.output, ran.seconds]))
    return Ran(*json.loads(result.read_text()), folder)


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
