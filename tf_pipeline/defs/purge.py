"""`tf-pipeline purge`: removes what is older than its declared period, and says what went."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import dagster as dg

from tf_pipeline import paths
from tf_pipeline.defs.instance import prepare_home
from tf_pipeline.warehouse.connect import writer
from tf_pipeline.warehouse.lock import write_lock
from tf_pipeline.warehouse.opening import rewrite
from tf_pipeline.warehouse.purge import Removed, old_rows, record
from tf_pipeline.warehouse.purge_files import old_files
from tf_pipeline.warehouse.retention import Period, periods
from tf_pipeline.warehouse.transaction import at_once


def purge(today: date, delete: bool) -> list[Removed]:
    """What is too old, by thing, month and authority; gone afterwards where `delete`.

    Rows go in one transaction, then the file is rewritten without them; files and runs follow. A
    crash leaves the rest to the next purge. Raises RetentionProblem, KeyMissing, WarehouseBusy.
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
        beside = [*old_files(wanted, delete), *_old_runs(wanted, delete)]
        if delete and beside and paths.warehouse_path().exists():
            with writer("recording a purge") as connection:
                record(connection, beside)
    return [*found, *beside]


def _old_runs(wanted: Sequence[Period], delete: bool) -> list[Removed]:
    """Dagster's runs that began before the period, with their events and what they printed."""
    prepare_home()
    (period,) = (one for one in wanted if one.kept == "runs")
    before = datetime.strptime(period.first_month, "%Y-%m").replace(tzinfo=UTC)
    counts: dict[str, int] = {}
    with dg.DagsterInstance.get() as instance:
        old = instance.get_run_records(dg.RunsFilter(created_before=before))
        for run in old:
            month = f"{run.create_timestamp:%Y-%m}"
            counts[month] = counts.get(month, 0) + 1
            if delete:
                run_id = run.dagster_run.run_id
                instance.compute_log_manager.delete_logs(prefix=[run_id])
                instance.delete_run(run_id)
    return [Removed("runs", "runs", month, "", count) for month, count in sorted(counts.items())]
