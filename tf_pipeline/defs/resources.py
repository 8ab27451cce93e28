"""The warehouse's lock as a resource: no other run can use the warehouse during a run.

Staging holds one month. Between two steps, a run of another month would put its rows there.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from tf_pipeline.defs.dead_runs import fail_dead_runs
from tf_pipeline.defs.run_heartbeat import run_heartbeat
from tf_pipeline.upkeep.recovery import finish_interrupted
from tf_pipeline.warehouse.connect import kept_open
from tf_pipeline.warehouse.lock import write_lock

WAREHOUSE_LOCK = "warehouse_lock"


class WarehouseLock(dg.ConfigurableResource):
    """Holds the warehouse's write lock for a whole run.

    Waits for the lock; raises WarehouseBusy, which names the holder. Marks runs of dead processes
    as failed.
    """

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["WarehouseLock"]:
        run = context.dagster_run
        run_id = run.run_id if run else ""
        of = run.job_name if run else "a run"
        with run_heartbeat(run_id), write_lock(f"{of} {run_id[:8]}"), kept_open():
            finish_interrupted()
            if context.instance:
                fail_dead_runs(context.instance)
            yield self
