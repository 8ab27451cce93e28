"""Releases are kept by a rule, say why they were made, can be gone back to, and backed up."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.conftest import MONTHS
from tests.support.commands import REPO, run_cli
from tests.support.town import LISTS, TEXT
from tf_pipeline import paths
from tf_pipeline.releases.catalogue import (
    ReleaseProblem,
    current_id,
    kept_ids,
    last_of_each_month,
    prune,
    rollback,
)
from tf_pipeline.releases.fingerprint import fingerprint
from tf_pipeline.releases.publish import publish
from tf_pipeline.releases.queries import latest_releases
from tf_pipeline.releases.release_register import entries
from tf_pipeline.upkeep.backup import BackupProblem, backup, restore
from tf_pipeline.warehouse.connect import LANDING_VERSION, WarehouseTooNew, writer
from tf_pipeline.warehouse.keys import extend_key_map

FIRST, LAST = MONTHS[0], MONTHS[-1]


@pytest.fixture
def data(town_copy) -> Path:
    return town_copy.data


def published(month: str = LAST, said: str = "a fingerprint") -> str:
    return publish(month, said, lambda _: None).release_id


def about(release_id: str, *columns: str) -> tuple:
    path = paths.published_dir() / release_id / "gm_baseline.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(
            f"select {', '.join(columns)} from gm.releases where release_id = ?", [release_id]
        ).fetchone()


def in_warehouse(sql: str) -> None:
    with writer("a test") as connection:
        connection.execute(sql)


def test_releases_lists_all_with_the_current_one_marked(loaded):
    shown = run_cli(loaded.data, "releases", COLUMNS="60")
    assert shown.code == 0, shown.output
    folders = sorted(p.name for p in (loaded.data / "published").glob("2*"))
    assert [one in shown.output for one in folders] == [True] * len(MONTHS)
    assert f"*{folders[-1]}" in shown.output
    assert f" {folders[0]}" in shown.output
    assert shown.output.count("new_delivery") == len(MONTHS)
    assert max(len(line) for line in shown.output.splitlines()) <= 100


def test_a_rollback_is_seen_at_once_recorded_and_built_upon(data):
    older, newer = kept_ids()[0], current_id()
    done = run_cli(data, "rollback", older[:19])
    assert done.code == 0, done.output
    assert older in done.output and FIRST in done.output
    assert current_id() == older
    assert (entries()[-1]["release"], entries()[-1]["from"]) == (older, newer)
    added = published()
    assert about(added, "months_held") == (" ".join(MONTHS),)
    with duckdb.connect(str(paths.current_release_path().resolve()), read_only=True) as now:
        known = {row[0] for row in now.execute("select release_id from gm.releases").fetchall()}
    assert known == {older, added}, "the release that was rolled back is no part of the new one"


def test_an_unknown_release_is_answered_with_the_newest(data):
    wrong = run_cli(data, "rollback", "1999")
    assert wrong.code == 1
    assert current_id() in wrong.output
    assert len(wrong.output.strip().splitlines()) == 1
    with pytest.raises(ReleaseProblem, match="2 releases begin"):
        rollback("20")
    assert current_id() == kept_ids()[-1]


def test_what_was_rolled_back_is_never_taken_for_done(data, town_copy):
    before = latest_releases()
    first, second = before[FIRST], before[LAST]
    assert fingerprint(town_copy.inbox / FIRST, "") == first
    start = current_id()
    published(FIRST, "mended")
    assert latest_releases() == {FIRST: "mended", LAST: second}
    published(LAST, "on what was mended")
    rollback(start)
    assert latest_releases() == {FIRST: "", LAST: ""}
    published(FIRST, first)
    assert latest_releases() == {FIRST: first, LAST: ""}, "each month by itself"
    published(LAST, second)
    assert latest_releases() == before


def test_a_month_that_rests_on_what_was_rolled_back_is_not_done(data):
    start = current_id()
    published(FIRST, "mended")
    rollback(start)
    assert latest_releases() == {FIRST: "", LAST: ""}


def test_the_rule_keeps_what_it_says(data, monkeypatch):
    now = datetime.now(UTC)

    def aged(release_id: str, days: int, month: str) -> str:
        name = f"{now - timedelta(days=days):%Y%m%dT%H%M%S}-000-{month}"
        shutil.copytree(paths.published_dir() / release_id, paths.published_dir() / name)
        return name

    first, last = kept_ids()
    gone = [aged(first, 400, FIRST), aged(first, 300, FIRST)]
    only_of_its_month = aged(first, 350, "2016-01")
    recent = aged(first, 10, FIRST)
    assert prune() == gone
    assert kept_ids() == sorted([only_of_its_month, recent, first, last])
    monkeypatch.setenv("TF_KEEP_RELEASE_DAYS", "5")
    old = [aged(first, days, FIRST) for days in (70, 60)]
    rollback(old[1])
    prune()
    assert old[1] in kept_ids(), "the current one stays"
    assert old[0] in kept_ids(), "so does the one before it"
    assert recent not in kept_ids()
    monkeypatch.setenv("TF_KEEP_RELEASE_DAYS", "many")
    with pytest.raises(ReleaseProblem, match="expected a number of days"):
        published()


def test_a_publication_removes_what_is_no_longer_kept(data):
    old = f"20160501T000000-000-{FIRST}"
    shutil.copytree(paths.published_dir() / kept_ids()[0], paths.published_dir() / old)
    published()
    assert old not in kept_ids()
    assert entries()[-1] | {"at": ""} == {
        "at": "", "event": "removed", "release": old, "from": None,
    }  # fmt: skip


def test_a_release_says_which_figures_moved_and_why(data, monkeypatch, tmp_path):
    assert about(published(), "why", "figures_changed") == ("again", "none")
    in_warehouse(
        f"""
        update raw.accepted set file_sha256 = 'another'
        where authority = '{TEXT}' and month = '{LAST}';
        update gm.need_prevalence set yes = yes + 1
        where month = '{LAST}' and ((authority = '{TEXT}' and need_code in (1, 2))
            or (authority = 'gm' and need_code = 1));
        delete from gm.closures where month = '{LAST}' and authority = '{LISTS}';
        """
    )
    said = about(published(), "why", "figures_changed")
    assert said[0] == "corrected_delivery"
    assert f"need_prevalence: gm 1 changed, {TEXT} 2 changed" in said[1]
    assert f"closures: {LISTS}" in said[1] and "gone" in said[1]
    assert "intensity_summary" not in said[1] and "families" not in said[1].split(": ")
    assert about(published(), "figures_changed") == ("none",)
    project = tmp_path / "dbt"
    shutil.copytree(REPO / "dbt_project", project, ignore=shutil.ignore_patterns("target"))
    monkeypatch.setenv("TF_DBT_DIR", str(project))
    for path, expected in (
        ("crosswalks/xwalk_values.csv", "mapping"),
        ("reference/ref_weightings.csv", "mapping"),
        ("declarations/authority_declarations.csv", "rule"),
    ):
        with (project / "seeds" / path).open("a") as file:
            file.write("\n")
        assert about(published(), "why") == (expected,), path


def test_a_late_delivery_is_told_from_a_new_one(data):
    in_warehouse(f"delete from raw.accepted where authority = '{LISTS}' and month = '{LAST}'")
    published()
    in_warehouse(
        "insert into raw.accepted by name select * replace "
        f"('{LAST}' as month) from raw.accepted where authority = '{LISTS}'"
    )
    assert about(published(), "why") == ("new_delivery",)
    in_warehouse(f"delete from raw.accepted where authority = '{LISTS}' and month = '{FIRST}'")
    published(FIRST)
    in_warehouse(
        "insert into raw.accepted by name select * replace "
        f"('{FIRST}' as month) from raw.accepted where authority = '{LISTS}'"
    )
    assert about(published(FIRST), "why") == ("late_delivery",)


def test_a_release_made_before_these_columns_is_added_to(data):
    path = paths.current_release_path().resolve()
    path.chmod(0o640)
    with duckdb.connect(str(path)) as connection:
        for column in ("why", "figures_changed", "fingerprint_parts"):
            connection.execute(f"alter table gm.releases drop column {column}")
    assert "not recorded" in run_cli(data, "releases").output
    assert about(published(), "why", "figures_changed") == ("not_known", "none")


def test_a_backup_restored_elsewhere_goes_on_with_the_same_pseudonyms(data, tmp_path, monkeypatch):
    rolled_back_to = kept_ids()[0]
    rollback(rolled_back_to)
    done = run_cli(data, "backup", str(tmp_path / "backups"))
    assert done.code == 0, done.output
    (made,) = (tmp_path / "backups").iterdir()
    assert made.stat().st_mode & 0o077 == 0
    assert all(p.stat().st_mode & 0o077 == 0 for p in made.rglob("*"))
    refused = run_cli(data, "restore", str(made))
    assert refused.code == 1 and "not empty" in refused.output
    other = tmp_path / "other"
    restored = run_cli(other, "restore", str(made))
    assert restored.code == 0, restored.output
    monkeypatch.setenv("TF_DATA_DIR", str(other))
    assert current_id() == rolled_back_to
    assert paths.key_path().read_bytes() == (data / "secrets/pseudonym.key").read_bytes()
    assert paths.key_path().stat().st_mode & 0o077 == 0
    assert paths.warehouse_path().stat().st_mode & 0o077 == 0
    assert [e["event"] for e in entries()] == ["published", "published", "rolled_back"]
    with writer("a test") as connection:
        known = connection.execute("select * from restricted.key_map order by all").fetchall()
        connection.execute("delete from restricted.key_map")
        assert extend_key_map(connection) == len(known)
        assert (
            connection.execute("select * from restricted.key_map order by all").fetchall() == known
        )
    assert about(published(), "months_held") == (" ".join(MONTHS),)


def test_a_backup_holds_current_and_the_last_of_each_month(data, tmp_path):
    published()
    made = backup(tmp_path / "backups")
    names = {name.split("/")[1] for name in held_in(made) if name.startswith("published/2")}
    assert names == last_of_each_month(kept_ids()) < set(kept_ids())
    with pytest.raises(BackupProblem, match="would destroy the backup"):
        backup(data / "inside")


def held_in(made: Path) -> dict:
    return json.loads((made / "manifest.json").read_text())["files"]


@pytest.mark.parametrize("spoilt", ["secrets/pseudonym.key", "warehouse/warehouse.duckdb"])
def test_a_spoilt_backup_puts_nothing_in_place(data, tmp_path, monkeypatch, spoilt):
    made = backup(tmp_path / "backups")
    with (made / spoilt).open("r+b") as file:
        file.write(b"x")
    other = tmp_path / "other"
    monkeypatch.setenv("TF_DATA_DIR", str(other))
    with pytest.raises(BackupProblem, match=f"{spoilt} .* is missing or was changed"):
        restore(made)
    assert [p.name for p in other.rglob("*") if p.is_file()] == ["writer.lock"]


def test_a_restore_that_stops_midway_leaves_nothing(data, tmp_path, monkeypatch):
    made = backup(tmp_path / "backups")
    other = tmp_path / "other"
    monkeypatch.setenv("TF_DATA_DIR", str(other))

    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("tf_pipeline.upkeep.backup.point_current_at", full)
        with pytest.raises(BackupProblem, match="No space left"):
            restore(made)
    assert [p.name for p in other.rglob("*") if p.is_file()] == ["writer.lock"]
    assert restore(made) == current_id()


def test_a_refusal_of_an_older_version_says_which_dataset_was_the_cause(data):
    in_warehouse(
        "alter table raw.attempts drop column is_refused_with_others; "
        "alter table raw.findings drop column expected; "
        "delete from ops.version; insert into ops.version values (4, now()); "
        "insert into raw.attempts (authority, dataset, reason) values ('x', 'people', 'no rows'), "
        "('x', 'needs', 'with the whole delivery (people: no rows)'), ('x', 'families', null)"
    )
    with writer("a test") as connection:
        found = connection.execute(
            "select dataset, is_refused_with_others from raw.attempts where authority = 'x'"
        ).fetchall()
        connection.execute("select expected from raw.findings")
    assert dict(found) == {"people": False, "needs": True, "families": False}


def test_a_warehouse_of_another_version_is_brought_up_or_refused(data):
    in_warehouse("drop table ops.version; drop table raw.findings")
    with writer("a test") as connection:
        assert connection.execute("select landing from ops.version").fetchall() == [
            (LANDING_VERSION,)
        ]
        connection.execute("select * from raw.findings")
        connection.execute("insert into ops.version values (?, now())", [LANDING_VERSION + 1])
    with pytest.raises(WarehouseTooNew, match="newer version"), writer("a test"):
        pass
