"""A run keeps the warehouse from its first step to its last; runs whose process died are closed."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import pytest

from tests.support.commands import Started, run_script
from tf_pipeline import paths
from tf_pipeline.dbt.build_layer import OtherMonth
from tf_pipeline.defs.dead_runs import fail_dead_runs
from tf_pipeline.defs.gated_layer import build_and_gate
from tf_pipeline.defs.resources import WAREHOUSE_LOCK, WarehouseLock
from tf_pipeline.defs.run_heartbeat import run_heartbeat
from tf_pipeline.defs.sensors.dead_runs_sensor import dead_runs_sensor
from tf_pipeline.warehouse.connect import writer
from tf_pipeline.warehouse.lock import WarehouseBusy, write_lock

TRY = """
from tf_pipeline.warehouse.lock import WarehouseBusy, write_lock
try:
    with write_lock("another load", 0.1):
        print("got it")
except WarehouseBusy as busy:
    print(busy)
"""
LIVE = """
import sys, time
from tf_pipeline.defs.run_heartbeat import run_heartbeat
with run_heartbeat(sys.argv[1]):
    print("lives", flush=True)
    time.sleep(60)
"""
HOLD = LIVE.replace("tf_pipeline.defs.run_heartbeat", "tf_pipeline.warehouse.lock").replace(
    "run_heartbeat", "write_lock"
)


@pytest.fixture(autouse=True)
def own_data(tmp_path, monkeypatch):
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)


def another_load() -> str:
    ran = run_script(paths.data_dir(), TRY)
    assert ran.code == 0, ran.output
    return ran.output.strip()


@contextmanager
def living_process(script: str, name: str, **environment: str) -> Iterator[Started]:
    """A process that holds something of that name, until it is killed."""
    process = Started(paths.data_dir(), script, (name,), **environment)
    try:
        last = time.monotonic() + 60
        while process.said() != "lives\n":
            assert time.monotonic() < last, process.errors()
            time.sleep(0.01)
        yield process
    finally:
        process.kill()


def test_nobody_else_gets_the_warehouse_between_two_steps_of_a_run():
    said = []

    @dg.op(required_resource_keys={WAREHOUSE_LOCK})
    def first():
        with write_lock("a step"):
            pass
        said.append(another_load())

    @dg.op(ins={"after": dg.In(dg.Nothing)}, required_resource_keys={WAREHOUSE_LOCK})
    def second():
        said.append(another_load())

    @dg.job(resource_defs={WAREHOUSE_LOCK: WarehouseLock()}, executor_def=dg.in_process_executor)
    def two_steps():
        second(first())

    with dg.instance_for_test() as instance:
        result = two_steps.execute_in_process(instance=instance)
    assert result.success
    for one in said:
        assert f"is in use by process {os.getpid()} on " in one
        assert f"two_steps {result.run_id[:8]}" in one
    assert len(said) == 2
    assert another_load() == "got it"


def test_every_asset_of_the_project_asks_for_it():
    from tf_pipeline.definitions import defs

    graph = defs().resolve_asset_graph()
    without = [
        key.to_user_string()
        for key in graph.materializable_asset_keys
        if WAREHOUSE_LOCK not in defs().resolve_assets_def(key).required_resource_keys
    ]
    assert without == []


def test_a_month_is_never_built_on_the_staging_of_another():
    with writer("a load that stopped after its staging") as connection:
        connection.execute("insert into ops.control values ('2016-04')")
    for layer in ("intermediate", "marts"):
        with pytest.raises(OtherMonth, match="staging holds 2016-04, not 2016-05"):
            list(build_and_gate(layer, [["gm", "families"]], "2016-05", False, {}))


def test_a_dead_run_is_closed_and_one_that_lives_is_not():
    @dg.op
    def nothing():
        pass

    @dg.job
    def empty():
        nothing()

    with dg.instance_for_test() as instance:
        runs = [instance.create_run_for_job(empty) for _ in range(3)]
        dies, lives, ours = (run.run_id for run in runs)
        home = {"DAGSTER_HOME": os.environ["DAGSTER_HOME"]}
        for run in runs:
            instance.report_dagster_event(
                dg.DagsterEvent("PIPELINE_START", "empty", message=""), run.run_id
            )
        with (
            living_process(LIVE, dies, **home) as one,
            living_process(LIVE, lives, **home),
            run_heartbeat(ours),
        ):
            assert fail_dead_runs(instance) == 0
            one.kill()
            tick = dead_runs_sensor(dg.build_sensor_context(instance=instance))
            assert tick.skip_message == "1 closed"
            status = {run: instance.get_run_by_id(run).status for run in (dies, lives, ours)}
    assert status[dies] is dg.DagsterRunStatus.FAILURE
    assert status[lives] is status[ours] is dg.DagsterRunStatus.STARTED


def test_a_run_of_the_terminal_without_its_mark_is_dead_at_once():
    """It has its mark before it is known; a full disk can keep Dagster from writing its end."""

    @dg.job
    def empty():
        pass

    with dg.instance_for_test() as instance:
        ours, other = (instance.create_run_for_job(empty, tags=t) for t in ({"tf/by": "cli"}, {}))
        again = instance.create_run_for_job(
            empty, tags=ours.tags, parent_run_id=ours.run_id, root_run_id=ours.run_id
        )
        runs = [ours, other, again]
        for run in runs:
            instance.report_dagster_event(
                dg.DagsterEvent("PIPELINE_START", "empty", message=""), run.run_id
            )
        assert fail_dead_runs(instance) == 1
        status = [instance.get_run_by_id(run.run_id).status for run in runs]
    started = dg.DagsterRunStatus.STARTED
    assert status == [dg.DagsterRunStatus.FAILURE, started, started]


def test_a_load_that_gets_no_turn_says_who_has_it():
    told = []
    with living_process(HOLD, "load 2016-05") as holder:
        who = f"process {holder.process} on .*, load 2016-05, since"
        with pytest.raises(WarehouseBusy, match=who), write_lock("load 2016-06", 0.3, told.append):
            pass
    assert len(told) == 1 and f"process {holder.process} on" in told[0]
