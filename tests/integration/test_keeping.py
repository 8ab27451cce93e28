"""What is too old goes and what stands stays; a new key renews every pseudonym and no figure."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.conftest import MONTHS, copy_data
from tests.support.town import TEXT, Town
from tf_pipeline import paths
from tf_pipeline.deliveries.archive import stored_files
from tf_pipeline.deliveries.delivery_register import entries
from tf_pipeline.releases.catalogue import current_id
from tf_pipeline.upkeep.purge_files import old_files
from tf_pipeline.upkeep.retention import Period

FIRST, LAST = MONTHS
# on this day the first month's families, people and their work are too old
TODAY = date(2022, 5, 10)


@pytest.fixture(scope="module")
def own(town: Town, tmp_path_factory) -> Town:
    """A loaded town of this file's own."""
    return Town(town.folder, copy_data(town.data, tmp_path_factory.mktemp("keeping") / "data"))


@pytest.fixture(scope="module")
def data(own: Town) -> Path:
    """The town, and a refused file of each month."""
    folder = own.data
    for month in MONTHS:
        refused = folder / "quarantine" / month / TEXT
        refused.mkdir(parents=True)
        (refused / "people.csv").write_text("somebody")
        (refused / "reasons.json").write_text("{}")
    return folder


@pytest.fixture(autouse=True)
def here(own: Town, monkeypatch):
    own.point_at(monkeypatch)


def rows(data: Path, sql: str) -> list[tuple]:
    path = data / "warehouse" / "warehouse.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def raw_rows(data: Path) -> dict[tuple[str, str], int]:
    """(table, month) → rows."""
    tables = [t for (t,) in rows(data, "select dataset from reference.ref_datasets")]
    every = " union all ".join(
        f"select '{t}', month, count(*) from raw.{t} group by month" for t in (*tables, "set_aside")
    )
    return {(table, month): count for table, month, count in rows(data, every)}


@pytest.fixture(scope="module")
def purged(own: Town, data: Path) -> tuple[dict, list, list]:
    """What there was, what a trial said, and what then went."""
    from tf_pipeline.defs.old_runs import old_runs
    from tf_pipeline.upkeep.purge import purge

    with pytest.MonkeyPatch.context() as patched:
        own.point_at(patched)
        was = raw_rows(data)
        trial = purge(TODAY, False, old_runs)
        assert raw_rows(data) == was
        assert rows(data, "select count(*) from ops.purges") == [(0,)]
        assert len(list((data / "quarantine").rglob("people.csv"))) == 2
        return was, trial, purge(TODAY, True, old_runs)


def test_a_trial_says_what_then_goes(purged):
    _, trial, removed = purged
    assert trial == removed
    assert removed


def test_the_old_month_goes_and_what_stands_stays(purged, data: Path):
    was, _, removed = purged
    now = raw_rows(data)
    assert ("people", FIRST) not in now and ("families", FIRST) not in now
    assert {key: n for key, n in now.items() if key[1] == LAST} == {
        key: n for key, n in was.items() if key[1] == LAST
    }
    # claims have a longer period
    assert now["claims", FIRST] == was["claims", FIRST]
    gone = sum(was.values()) - sum(now.values())
    assert sum(one.count for one in removed if one.unit == "rows") == gone


def test_counts_are_on_record_without_values(purged, data: Path):
    _, _, removed = purged
    said = rows(data, "select kept, unit, month, authority, removed from ops.purges order by all")
    assert said == sorted((r.kept, r.unit, r.month, r.authority, r.count) for r in removed)


def test_old_files_go_and_the_reasons_of_refused_ones_stay(purged, data: Path):
    assert "packs" in {one.kept for one in purged[2]}
    assert not list((data / "packs").glob("*/*/*"))
    for month in MONTHS:
        assert [p.name for p in (data / "quarantine" / month / TEXT).iterdir()] == ["reasons.json"]


def test_kept_contents_go_once_no_delivery_needs_them(purged, data: Path):
    def purge_landing(first_month: str) -> int:
        wanted = [Period(kept, 1, FIRST) for kept in ("quarantine", "packs")]
        found = old_files([*wanted, Period("landing", 1, first_month)], delete=True)
        return sum(one.count for one in found if one.kept == "landing")

    def contents(month: str) -> set[str]:
        return {file.sha256 for one in entries(month) for file in one.files}

    before = {path.name for path in stored_files()}
    gone = contents(FIRST) - contents(LAST)
    assert gone and gone <= before
    assert purge_landing(LAST) == len(gone)
    assert {path.name for path in stored_files()} == before - gone
    # what stands last stays, whatever its age
    assert purge_landing("2099-01") == 0


def test_published_figures_of_the_month_stay(purged, data: Path):
    with duckdb.connect(str(paths.current_release_path().resolve()), read_only=True) as release:
        count = release.execute("select count(*) from gm.families where month = ?", [FIRST])
        assert count.fetchone()[0] > 0


def test_a_purged_month_is_not_built_from_nothing(purged, own: Town, tmp_path: Path):
    (tmp_path / FIRST).mkdir()
    current = current_id()
    ran = own.run("load", FIRST, "--again", "--inbox", str(tmp_path))
    assert ran.code == 1, ran.output
    assert f"{FIRST} cannot be built again" in ran.output
    assert current_id() == current


def figures(path: Path) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as release:
        return (
            release.execute("select * from gm.intensity_summary order by all").fetchall()
            + release.execute("select * from gm.need_prevalence order by all").fetchall()
        )


def keys(path: Path, month: str) -> set[str]:
    with duckdb.connect(str(path), read_only=True) as release:
        found = release.execute(
            "select family_key from gm.families where month = $1 union select person_key "
            "from gm.people where month = $1 union select intervention_key "
            "from gm.interventions where month = $1 union "
            "select unnest([family_key, person_key, intervention_key]) "
            "from gm.figure_members where month = $1",
            [month],
        ).fetchall()
    return {key for (key,) in found if key}


def test_a_month_that_cannot_be_built_again_stops_a_rotation(purged, own: Town):
    key, current = paths.key_path().read_text(), current_id()
    ran = own.run("rotate-key", "--reason", "each year", "--by", "role:lead")
    assert ran.code == 1
    assert f"{FIRST} cannot be built again" in ran.output and "--leave-out-purged" in ran.output
    assert (paths.key_path().read_text(), current_id()) == (key, current)


def test_a_new_key_renews_every_pseudonym_and_moves_no_figure(purged, own: Town, data: Path):
    old = paths.current_release_path().resolve()
    old_key, old_keys, old_figures = paths.key_path().read_text(), keys(old, LAST), figures(old)
    ran = own.run(
        "rotate-key", "--reason", "each year", "--by", "role:lead",
        "--leave-out-purged", "--keep-mapping",
    )  # fmt: skip
    assert ran.code == 0, ran.output
    new = paths.current_release_path().resolve()
    assert new != old
    assert figures(new) == old_figures
    assert len(keys(new, LAST)) == len(old_keys)
    assert not keys(new, LAST) & old_keys
    assert keys(new, FIRST) == set(), "no old pseudonym is in the new release"
    assert keys(old, LAST) == old_keys, "the old release reads as it did"
    retired = [path.read_text() for path in (paths.key_path().parent / "retired").iterdir()]
    assert retired == [old_key] and paths.key_path().read_text() != old_key
    mapped = rows(data, "select old_key, new_key from restricted.key_rotation")
    assert {one for one, _ in mapped} >= keys(old, LAST) & {one for one, _ in mapped}
    current = {key for (key,) in rows(data, "select key from restricted.key_map")}
    assert {one for _, one in mapped} == current
    assert rows(data, "select reason, role from ops.key_rotations") == [("each year", "role:lead")]
    assert not list(data.glob(".rotating-*")) and not paths.rotation_path().exists()
    with duckdb.connect(str(new), read_only=True) as release:
        last = "select why, figures_changed from gm.releases where release_id = ?"
        assert release.execute(last, [new.parent.name]).fetchall() == [("key_rotated", "none")]


def test_runs_go_after_their_period(purged, data: Path):
    """Last: after this nothing of the runs is left."""
    import dagster as dg

    from tf_pipeline.defs.old_runs import old_runs
    from tf_pipeline.upkeep.purge import purge

    removed = purge(date(2031, 1, 1), True, old_runs)
    assert "runs" in {one.kept for one in removed}
    with dg.DagsterInstance.get() as instance:
        assert instance.get_runs_count() == 0
    assert not list((data / "dagster" / "storage").glob("*/compute_logs/*"))
    assert raw_rows(data)["people", LAST] > 0, "what stands stays, whatever its age"
