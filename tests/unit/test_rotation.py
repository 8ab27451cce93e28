"""A rotation that is cut off after its plan is finished by the next command, and only then."""

from pathlib import Path

import pytest

from tf_pipeline import paths
from tf_pipeline.releases.catalogue import current_id, point_current_at
from tf_pipeline.releases.release_register import entries
from tf_pipeline.upkeep.recovery import finish_interrupted, plan
from tf_pipeline.upkeep.retention import RetentionProblem, periods
from tf_pipeline.warehouse.connect import RotationUnfinished, writer

OLD, NEW = "20160501T000000-000-2016-04", "20160601T000000-000-2016-04"
RETIRED = "20160601T000000.key"


class Cut(BaseException):
    """The process was killed."""


@pytest.fixture(autouse=True)
def worlds(tmp_path, monkeypatch) -> Path:
    """An old world, and a new one beside it; returns the new one's folder."""
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path))
    scratch = tmp_path / ".rotating-1"
    for root, said, release in ((tmp_path, "old", OLD), (scratch, "new", NEW)):
        for folder in ("secrets", "warehouse", f"published/{release}"):
            (root / folder).mkdir(parents=True)
        (root / "secrets" / "pseudonym.key").write_text(said)
        (root / "warehouse" / "warehouse.duckdb").write_text(said)
        (root / "published" / release / "gm_baseline.duckdb").write_text(said)
    point_current_at(OLD)
    return scratch


def world() -> tuple[str, str, str | None]:
    return paths.key_path().read_text(), paths.warehouse_path().read_text(), current_id()


def test_without_a_plan_the_old_world_stays():
    finish_interrupted()
    assert world() == ("old", "old", OLD)


def test_until_it_is_finished_nobody_writes_into_the_old_warehouse(worlds):
    plan(worlds, NEW, RETIRED)
    with pytest.raises(RotationUnfinished, match="tf-pipeline status"), writer("a load"):
        pass
    assert world() == ("old", "old", OLD)


# how many files may be moved before the process is killed
@pytest.mark.parametrize("moves", range(7))
def test_cut_off_after_any_step_it_is_finished_by_the_next_command(worlds, monkeypatch, moves):
    plan(worlds, NEW, RETIRED)
    left = [moves]

    def until_cut(real):
        def step(self, *arguments, **named):
            left[0] -= 1
            if left[0] < 0:
                raise Cut
            return real(self, *arguments, **named)

        return step

    with monkeypatch.context() as killed:
        for name in ("replace", "rename", "unlink"):
            killed.setattr(Path, name, until_cut(getattr(Path, name)))
        with pytest.raises(Cut):
            finish_interrupted()
            raise Cut
    finish_interrupted()
    assert world() == ("new", "new", NEW)
    assert not paths.rotation_path().exists() and not worlds.exists()
    assert (paths.key_path().parent / "retired" / RETIRED).read_text() == "old"
    assert [e["release"] for e in entries()] == [NEW]


def test_every_dataset_has_one_period_and_none_is_refused(tmp_path, monkeypatch):
    from datetime import date

    from tests.conftest import REPO

    found = {one.kept: one for one in periods(date(2022, 5, 10))}
    assert found["families"].first_month == "2016-05"
    assert found["quarantine"].first_month == "2021-11"
    seeds = tmp_path / "dbt" / "seeds"
    for name in ("declarations/retention_periods.csv", "reference/ref_datasets.csv"):
        (seeds / name).parent.mkdir(parents=True, exist_ok=True)
        text = (REPO / "dbt_project" / "seeds" / name).read_text()
        kept = [line for line in text.splitlines() if not line.startswith("nis,36")]
        (seeds / name).write_text("\n".join(kept))
    monkeypatch.setenv("TF_DBT_DIR", str(tmp_path / "dbt"))
    with pytest.raises(RetentionProblem, match="0 rows in force for nis"):
        periods(date(2022, 5, 10))
