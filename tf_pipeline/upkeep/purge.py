"""`tf-pipeline purge`: removes data older than its declared period, and lists what it removed."""

from collections.abc import Callable, Sequence
from datetime import date

from tf_pipeline import paths
from tf_pipeline.upkeep.purge_files import old_files
from tf_pipeline.upkeep.purge_rows import Removed, old_rows, record
from tf_pipeline.upkeep.retention import Period, periods
from tf_pipeline.warehouse.connect import writer
from tf_pipeline.warehouse.lock import write_lock
from tf_pipeline.warehouse.opening import rewrite
from tf_pipeline.warehouse.transaction import at_once


def purge(
    today: date, delete: bool, old_runs: Callable[[Sequence[Period], bool], list[Removed]]
) -> list[Removed]:
    """What is too old, by thing, month and authority; with `delete`, removes it.

    Removes rows in one transaction and rewrites the file without them, then files and runs. After
    a crash the next purge removes the rest. `old_runs` does the same for Dagster's runs.
    Raises RetentionProblem, KeyMissing, WarehouseBusy.
    """
    wanted = periods(today)
    with write_lock("purging"):
        found: list[Removed] = []
        if paths.warehouse_path().exists():
            with writer("purging") as connection, at_once(connection):
                found = old_rows(connection, wanted, delete)
                if delete:
                    record(connection, found)
            if delete and found:
                rewrite(paths.warehouse_path())
        beside = [*old_files(wanted, delete), *old_runs(wanted, delete)]
        if delete and beside and paths.warehouse_path().exists():
            with writer("recording a purge") as connection:
                record(connection, beside)
    return [*found, *beside]
