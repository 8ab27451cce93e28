"""What runs by itself: the sensor takes what has settled, once; the schedule is honest."""

import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import MONTHS, SAMPLE
from tf_pipeline.authorities import registry


@pytest.fixture
def inbox_of_its_own(loaded, tmp_path, monkeypatch) -> Path:
    """The loaded sample, and a copy of its inbox whose files are an hour old."""
    folder = tmp_path / "inbox"
    shutil.copytree(SAMPLE, folder)
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - 3600, time.time() - 3600))
    monkeypatch.setenv("TF_DATA_DIR", str(loaded.data))
    monkeypatch.setenv("TF_INBOX", str(folder))
    return folder


@pytest.fixture
def instance():
    """An instance that nobody has used; it knows no month yet."""
    import dagster as dg

    with dg.instance_for_test() as fresh:
        yield fresh


def evaluate(instance, cursor: str | None = None):
    import dagster as dg

    from tf_pipeline.defs.sensors.inbox_sensor import inbox_sensor

    with dg.build_sensor_context(instance, cursor) as context:
        return inbox_sensor(context)


def test_what_was_taken_already_is_not_taken_again(inbox_of_its_own, instance):
    assert evaluate(instance).run_requests == []


def test_a_changed_delivery_is_taken_once_when_it_has_settled(inbox_of_its_own, instance):
    authority = registry.authorities()[1]
    path = next((inbox_of_its_own / MONTHS[-1] / authority).glob("*.csv"))
    path.write_bytes(path.read_bytes() + b"\n")
    arriving = evaluate(instance)
    assert arriving.run_requests == []
    assert f"{MONTHS[-1]}/{authority} (still arriving)" in arriving.skip_reason.skip_message
    os.utime(path, (time.time() - 600, time.time() - 600))
    tick = evaluate(instance, arriving.cursor)
    (request,) = tick.run_requests
    assert request.partition_key == MONTHS[-1]
    assert [key.to_user_string() for key in request.asset_selection] == [f"delivery/{authority}"]
    assert evaluate(instance, tick.cursor).run_requests == []


def test_a_month_that_nobody_has_seen_is_loaded_and_shown_without_a_reload(
    inbox_of_its_own, instance
):
    shutil.copytree(inbox_of_its_own / MONTHS[-1], inbox_of_its_own / "2031-01")
    for path in (inbox_of_its_own / "2031-01").rglob("*"):
        os.utime(path, (time.time() - 3600, time.time() - 3600))
    (request,) = evaluate(instance).run_requests
    assert request.partition_key == "2031-01"
    assert "2031-01" in instance.get_dynamic_partitions("month")


def test_the_schedule_and_the_sensors_are_on(loaded):
    import dagster as dg

    from tf_pipeline.definitions import defs

    repository = defs().get_repository_def()
    assert [s.name for s in repository.schedule_defs] == ["monthly_load"]
    running = dg.DefaultScheduleStatus.RUNNING
    assert all(s.default_status is running for s in repository.schedule_defs)
    assert repository.sensor_defs
    running = dg.DefaultSensorStatus.RUNNING
    assert all(s.default_status is running for s in repository.sensor_defs)


def test_the_schedule_loads_the_month_before_on_the_day_after_it_is_due(inbox_of_its_own, instance):
    import dagster as dg

    from tf_pipeline.defs.schedules import monthly_load

    def tick(day: datetime):
        return monthly_load(dg.build_schedule_context(instance, scheduled_execution_time=day))

    year, month = (int(part) for part in MONTHS[-1].split("-"))
    known = tick(datetime(year, month + 1, 11, 6, tzinfo=UTC))
    assert known.partition_key == MONTHS[-1]
    assert MONTHS[-1] in instance.get_dynamic_partitions("month")
    early = tick(datetime(year, month + 1, 10, 6, tzinfo=UTC))
    assert isinstance(early, dg.SkipReason) and "due on day 10" in early.skip_message
    other = tick(datetime(2031, 1, 11, 6, tzinfo=UTC))
    assert isinstance(other, dg.SkipReason) and "not among the months" in other.skip_message


def test_an_error_of_the_program_holds_the_delivery_and_says_no_value(
    loaded_copy, monkeypatch, tmp_path
):
    from tf_pipeline.deliveries import intake, validate
    from tf_pipeline.vocabulary import Outcome

    monkeypatch.setenv("TF_DATA_DIR", str(loaded_copy))

    def broken(*_):
        raise ValueError("could not convert 'Ann Smith'")

    monkeypatch.setattr(validate, "named_datasets", broken)
    taken = intake.ingest_delivery(registry.authorities()[0], MONTHS[-1], SAMPLE, again=True)
    assert taken.outcome is Outcome.HELD
    assert "ValueError" in taken.reason
    assert "Ann Smith" not in taken.reason
    with intake.writer("looking") as connection:
        outcome = connection.execute(
            "select distinct outcome from raw.attempts where authority = ? and month = ? "
            "and attempted_at = (select max(attempted_at) from raw.attempts)",
            [registry.authorities()[0], MONTHS[-1]],
        ).fetchall()
    assert outcome == [("held",)]
