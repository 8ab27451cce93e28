"""What would change: a month built twice in a scratch copy, with and without changed rows."""

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
from tf_pipeline.files import file_lock
from tf_pipeline.releases.differences import Difference, differences
from tf_pipeline.releases.queries import grid
from tf_pipeline.seeds.changed_rows import Edit, changed_seeds, in_their_files
from tf_pipeline.seeds.rulebook import RuleProblem, check_rules
from tf_pipeline.warehouse.lock import write_lock
from tf_pipeline.warehouse.opening import open_warehouse

PREFIX, HELD = ".what-if-", "held"
STAGING = "fqn:tf_pipeline.staging.*"


class NothingLoaded(UserFacingError):
    """There is no such month to try the rows on; the message says which there are."""


@dataclass(frozen=True)
class WhatIf:
    """What the changed rows come to in a month.

    edits: only seeds in which a row differs. differences: one a mart that is built from any of
    them. release: the published file, untouched.
    """

    month: str
    edits: list[Edit]
    differences: list[Difference]
    release: Path


def what_if(files: Mapping[str, Sequence[Path]], month: str | None = None) -> WhatIf:
    """Builds a month's marts as the rules are now, and with the changed rows, and compares them.

    `files`: folder below `seeds/` → files of changed rows. Both builds start from one copy of the
    stored raw data; no gate is asked, neither Gate 1 nor any after it.
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
        raise NothingLoaded(f"{month} is not loaded; these months are: {', '.join(months)}")
    return month or months[-1]


@contextmanager
def _scratch() -> Iterator["_Scratch"]:
    """A private folder with copies of the warehouse and the dbt project; removed at the end."""
    with write_lock("making room for a what-if"):
        _remove_left_over()
        # beside the data that it copies, on the same protected disk; only its owner may enter
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
    """Copies of what-ifs that were killed: they hold names, and nobody holds their lock."""
    for folder in paths.data_dir().glob(f"{PREFIX}*"):
        with suppress(BlockingIOError), file_lock(folder / HELD, wait=False):
            shutil.rmtree(folder, ignore_errors=True)


class _Scratch:
    """A data folder and a dbt project of their own, in which a month is built."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # dbt always builds in the one; what is built first moves to the other
        self.now = folder / "warehouse" / paths.warehouse_path().name
        self.changed = folder / "changed.duckdb"

    def build_twice(self, edits: Sequence[Edit], month: str) -> dict[tuple[str, str], list[str]]:
        """Builds with the changed rows, then as the rules are now; returns the marts' grains.

        What does not descend from a changed seed is built once, before; then each build starts
        from the same file, so that nothing but the changed rows can tell them apart.
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
        progress.report(f"{month}: what does not depend on the rows")
        self._set_month(month)
        self._dbt("seed", "--full-refresh", "--select", *relatives)
        self._run(relatives, without=descendants)
        start = self.folder / "start.duckdb"
        shutil.copyfile(self.now, start)
        progress.report(f"{month}: with the changed rows")
        self._run(descendants)
        self.now.rename(self.changed)
        start.rename(self.now)
        progress.report(f"{month}: as the rules are now")
        for path, content in as_now.items():
            path.write_bytes(content)
        self._dbt("seed", "--full-refresh", "--select", *(edit.name for edit in edits))
        built = self._run(descendants)
        return {
            (node.schema, node.name): [c.strip() for c in node.config.meta["grain"].split(",")]
            for node in built
            if node.fqn[1] == "marts"
        }

    def _set_month(self, month: str) -> None:
        """The month that dbt builds, whose marts start empty: an incremental mart that comes to
        nothing would leave the stored rows standing."""
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
        """Builds models, pseudonyms of new ids after staging; returns the nodes of the models."""
        from tf_pipeline.warehouse.keys import extend_key_map

        excluded = ["--exclude", *without] if without else []
        staged = self._dbt("run", "--select", *(f"{s},{STAGING}" for s in select), *excluded)
        if staged:
            # a changed heading or word can make other texts the ids; the key stays where it is
            with open_warehouse(self.now) as connection:
                extend_key_map(connection)
        return staged + self._dbt("run", "--select", *select, "--exclude", STAGING, *without)

    def _dbt(self, *arguments: str) -> list[Any]:
        from tf_pipeline.dbt.runner import invoke

        with self._in_force():
            return [result.node for result in invoke(*arguments)]

    @contextmanager
    def _in_force(self) -> Iterator[None]:
        """While it lasts, every path of this process leads into the scratch."""
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
