"""What-if: builds a month twice in a scratch copy, with and without changed rows."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tf_pipeline import paths, progress
from tf_pipeline.errors import UserFacingError
from tf_pipeline.explain.members import PUBLISHED
from tf_pipeline.files import file_lock
from tf_pipeline.releases.differences import Difference, differences
from tf_pipeline.releases.queries import grid
from tf_pipeline.seeds.changed_rows import Edit, changed_seeds, in_their_files
from tf_pipeline.seeds.rulebook import RuleProblem, check_rules
from tf_pipeline.warehouse.lock import write_lock
from tf_pipeline.warehouse.opening import open_warehouse

PREFIX, HELD = ".what-if-", "held"
# what is built before the pseudonyms: the rules as they hold, and staging itself
STAGING = ("fqn:tf_pipeline.mapping.*", "fqn:tf_pipeline.staging.*")


class NothingLoaded(UserFacingError):
    """The month to try the rows on does not exist; the message lists those that do."""


@dataclass(frozen=True)
class WhatIf:
    """The effect of the changed rows on a month.

    edits: only seeds with a row that differs. differences: one per mart that is built from any
    of them. release: the published file, unchanged.
    """

    month: str
    edits: list[Edit]
    differences: list[Difference]
    release: Path


def what_if(files: Mapping[str, Sequence[Path]], month: str | None = None) -> WhatIf:
    """Builds a month's marts with the current rules and with the changed rows; compares them.

    `files`: folder below `seeds/` → files of changed rows. Both builds start from one copy of the
    stored raw data; no gate runs, neither Gate 1 nor a later one.
    Raises NothingLoaded, RuleProblem, DbtProblem, KeyMissing, WarehouseBusy.
    """
    chosen = _loaded_month(month)
    edits = [edit for edit in changed_seeds(files) if edit.changes.height]
    found: list[Difference] = []
    if edits:
        with _scratch() as scratch:
            grains = scratch.build_twice(edits, chosen)
            progress.report("comparing")
            found = differences(scratch.now, scratch.changed, grains, chosen)
    return WhatIf(chosen, edits, found, paths.current_release_path().resolve())


def _loaded_month(month: str | None) -> str:
    months, _ = grid()
    if not months or not paths.warehouse_path().exists():
        raise NothingLoaded("Nothing has been published yet. Load a month: tf-pipeline load MONTH")
    if month and month not in months:
        raise NothingLoaded(f"{month} is not loaded; loaded months: {', '.join(months)}")
    return month or months[-1]


@contextmanager
def _scratch() -> Iterator["_Scratch"]:
    """A private folder with copies of the warehouse and the dbt project; removed at the end."""
    with write_lock("preparing a what-if"):
        _remove_left_over()
        # in the data folder, on the same protected disk; only the owner may enter
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=paths.data_dir()))
        held = ExitStack()
        held.enter_context(file_lock(folder / HELD))
    try:
        progress.report("copying the warehouse")
        with write_lock("copying the warehouse for a what-if"):
            shutil.copytree(paths.warehouse_path().parent, folder / "warehouse")
        without = shutil.ignore_patterns("target", "logs")
        shutil.copytree(paths.dbt_dir(), folder / "dbt_project", ignore=without)
        yield _Scratch(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        held.close()


def _remove_left_over() -> None:
    """Removes copies left by killed what-ifs: they contain names, and their lock is free."""
    for folder in paths.data_dir().glob(f"{PREFIX}*"):
        with suppress(BlockingIOError), file_lock(folder / HELD, wait=False):
            shutil.rmtree(folder, ignore_errors=True)


class _Scratch:
    """A separate data folder and dbt project, in which a month is built."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # dbt always builds in `now`; the first build then moves to `changed`
        self.now = folder / "warehouse" / paths.warehouse_path().name
        self.changed = folder / "changed.duckdb"

    def build_twice(self, edits: Sequence[Edit], month: str) -> dict[tuple[str, str], list[str]]:
        """Builds with the changed rows, then with the current rules; returns the marts' grains.

        Models that do not depend on a changed seed are built once, before. Then both builds start
        from the same file, so that only the changed rows can make a difference.
        """
        seeds = {self.folder / "dbt_project" / "seeds" / edit.path: edit for edit in edits}
        as_now = {path: path.read_bytes() for path in seeds}
        relatives = [f"@{edit.name}" for edit in edits]
        descendants = [f"{edit.name}+" for edit in edits]
        for path, edit in seeds.items():
            edit.rows.write_csv(path)
        try:
            with self._in_force():
                check_rules()
        except RuleProblem as problem:
            raise in_their_files(problem, edits) from None
        progress.report(f"{month}: building what does not depend on the changed rows")
        self._set_month(month)
        self._dbt("seed", "--full-refresh", "--select", *relatives)
        self._run(relatives, without=descendants)
        start = self.folder / "start.duckdb"
        shutil.copyfile(self.now, start)
        progress.report(f"{month}: building with the changed rows")
        self._run(descendants)
        self.now.rename(self.changed)
        start.rename(self.now)
        progress.report(f"{month}: building with the current rules")
        for path, content in as_now.items():
            path.write_bytes(content)
        self._dbt("seed", "--full-refresh", "--select", *(edit.name for edit in edits))
        built = self._run(descendants)
        return {
            (node.schema, node.name): [c.strip() for c in node.config.meta["grain"].split(",")]
            for node in built
            # who is in a figure moves with the figure
            if node.fqn[1] == "marts" and node.name != PUBLISHED
        }

    def _set_month(self, month: str) -> None:
        """Sets the month that dbt builds and empties its marts: an incremental mart without new
        rows would keep the stored ones."""
        from tf_pipeline.warehouse.connect import make_landing_tables

        with open_warehouse(self.now) as connection:
            make_landing_tables(connection)
            connection.execute("delete from ops.control")
            connection.execute("insert into ops.control values (?)", [month])
            marts = connection.execute(
                "select table_name from duckdb_columns() "
                "where schema_name = 'gm' and column_name = 'month'"
            ).fetchall()
            for (mart,) in marts:
                connection.execute(f'delete from gm."{mart}" where month = ?', [month])

    def _run(self, select: Sequence[str], without: Sequence[str] = ()) -> list[Any]:
        """Builds models, and pseudonyms of new ids after staging; returns the models' nodes."""
        from tf_pipeline.warehouse.keys import extend_key_map

        excluded = ["--exclude", *without] if without else []
        in_staging = [f"{one},{layer}" for one in select for layer in STAGING]
        staged = self._dbt("run", "--select", *in_staging, *excluded)
        if staged:
            # a changed heading or word can change which texts are ids; the key is the existing one
            with open_warehouse(self.now) as connection:
                extend_key_map(connection)
        return staged + self._dbt("run", "--select", *select, "--exclude", *STAGING, *without)

    def _dbt(self, *arguments: str) -> list[Any]:
        from tf_pipeline.dbt.runner import invoke

        with self._in_force():
            return [result.node for result in invoke(*arguments)]

    @contextmanager
    def _in_force(self) -> Iterator[None]:
        """Inside this context, every path of this process points into the scratch."""
        before = dict(os.environ)
        os.environ |= {
            "TF_DATA_DIR": str(self.folder),
            "TF_DBT_DIR": str(self.folder / "dbt_project"),
        }
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
