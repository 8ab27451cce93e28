"""A crosswalk row that does not hold: nothing is taken or built, the crosswalk of before stands."""

import shutil
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from tests.conftest import MONTHS, SAMPLE
from tests.support.commands import run_cli
from tf_pipeline import paths
from tf_pipeline.authorities import registry
from tf_pipeline.seeds.rulebook import RuleProblem

SEED, COLUMN = "xwalk_intensity_levels", "intensity_level"


@pytest.fixture
def broken(tmp_path) -> tuple[Path, str]:
    """A dbt project in which a level is none, and how that must be named."""
    project = tmp_path / "dbt_project"
    shutil.copytree(
        paths.dbt_dir(), project, ignore=shutil.ignore_patterns("target", "logs"), symlinks=True
    )
    path = project / "seeds" / "crosswalks" / f"{SEED}.csv"
    lines = path.read_text("utf-8").splitlines()
    position = lines[0].split(",").index(COLUMN)
    number = next(n for n, line in enumerate(lines) if '"' not in line and ",L2," in line)
    cells = lines[number].split(",")
    cells[position] = "L4"
    lines[number] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return project, f"{SEED}.csv, line {number + 1}: INTENSITY_LEVEL_UNKNOWN: 'L4'"


def standing(data: Path) -> dict[str, object]:
    """What must not move: the release, the reference tables, and what was tried to be taken."""
    release = (data / "published" / "current").resolve()
    with duckdb.connect(str(data / "warehouse/warehouse.duckdb"), read_only=True) as warehouse:
        tables = warehouse.execute(
            "select table_name from duckdb_tables() where schema_name = 'reference' order by 1"
        ).fetchall()
        rows = {
            table: sorted(map(repr, warehouse.execute(f"from reference.{table}").fetchall()))
            for (table,) in tables
        }
        attempts = warehouse.execute("from raw.attempts order by all").fetchall()
    assert len(rows[SEED]) > 100
    digest = sha256((release / "gm_baseline.duckdb").read_bytes()).hexdigest()
    return {"release": release.name, "file": digest, "rows": rows, "attempts": attempts}


def test_a_load_is_refused_with_file_line_and_rule(loaded_copy, broken):
    project, named = broken
    before = standing(loaded_copy)
    inbox = str(SAMPLE)
    ran = run_cli(loaded_copy, "load", "--again", "--inbox", inbox, TF_DBT_DIR=str(project))
    assert ran.code == 1, ran.output
    assert named in ran.output
    assert "accepted: L1, L2, L3 or empty" in ran.output
    assert "Traceback" not in ran.output
    assert standing(loaded_copy) == before


def test_no_delivery_is_taken_by_rules_that_do_not_hold(loaded_copy, broken, monkeypatch):
    project, named = broken
    monkeypatch.setenv("TF_DATA_DIR", str(loaded_copy))
    monkeypatch.setenv("TF_DBT_DIR", str(project))
    from tf_pipeline.deliveries.intake import ingest_delivery

    before = standing(loaded_copy)
    with pytest.raises(RuleProblem) as caught:
        ingest_delivery(registry.authorities()[0], MONTHS[-1], SAMPLE)
    assert str(caught.value).startswith(named)
    assert standing(loaded_copy) == before


def test_the_reference_layer_stops_before_its_tables_are_touched(loaded_copy, broken, monkeypatch):
    project, named = broken
    monkeypatch.setenv("TF_DATA_DIR", str(loaded_copy))
    monkeypatch.setenv("DAGSTER_HOME", str(loaded_copy / "dagster"))
    import dagster as dg

    from tf_pipeline.definitions import defs

    monkeypatch.setenv("TF_DBT_DIR", str(project))
    before = standing(loaded_copy)
    reference = dg.AssetSelection.groups("reference").resolve(defs().resolve_asset_graph())
    with dg.DagsterInstance.get() as instance:
        result = (
            defs()
            .resolve_job_def("baseline")
            .execute_in_process(
                instance=instance,
                partition_key=MONTHS[-1],
                raise_on_error=False,
                asset_selection=sorted(reference),
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
        )
    assert not result.success
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert named in failed.step_failure_data.user_failure_data.description
    assert not [event for event in result.all_events if event.is_step_materialization]
    assert standing(loaded_copy) == before
