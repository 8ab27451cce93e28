"""What is kept between loads: never stale, and made again where it is spoilt."""

import json
import os
import signal
import time
from pathlib import Path

import duckdb
import pytest

from tests.conftest import MONTHS
from tests.support.commands import REPO
from tests.support.town import TEXT, WIDE, Town
from tf_pipeline import paths

MONTH = MONTHS[-1]


def judged(town: Town, monkeypatch, **changed: str) -> bool:
    """Whether the delivery of an authority was judged, not taken as it stood."""
    from tf_pipeline.deliveries.intake import ingest_delivery

    with monkeypatch.context() as patched:
        for name, value in changed.items():
            patched.setenv(name, value)
        taken = ingest_delivery(TEXT, MONTH, town.inbox)
    assert taken.outcome.value == "accepted"
    return not taken.is_unchanged


def test_a_delivery_that_stands_is_not_judged_and_says_what_it_said(town_copy, monkeypatch):
    from tf_pipeline.deliveries.intake import ingest_delivery

    again = ingest_delivery(TEXT, MONTH, town_copy.inbox, again=True)
    kept = ingest_delivery(TEXT, MONTH, town_copy.inbox)
    assert (again.is_unchanged, kept.is_unchanged) == (False, True)
    assert kept.gate is not None and again.gate is not None
    assert (kept.gate.rules, kept.gate.outcome) == (again.gate.rules, again.gate.outcome)
    assert (kept.findings, kept.rows, kept.files) == (again.findings, again.rows, again.files)


@pytest.mark.parametrize(
    "what", ["suite", "override", "crosswalk", "shape", "engine", "library", "code"]
)
def test_a_change_of_what_a_verdict_rests_on_judges_again(town_copy, tmp_path, monkeypatch, what):
    import shutil

    from tf_pipeline.deliveries import unchanged

    assert not judged(town_copy, monkeypatch)
    changed: dict[str, str] = {}
    if what == "suite":
        suites = tmp_path / "suites"
        shutil.copytree(paths.expectations_dir(), suites)
        path = suites / "delivery.json"
        suite = json.loads(path.read_text())
        suite["expectations"][0]["meta"]["why"] += " Said otherwise."
        path.write_text(json.dumps(suite))
        changed["TF_EXPECTATIONS"] = str(suites)
    elif what == "override":
        suites = tmp_path / "suites"
        shutil.copytree(paths.expectations_dir(), suites)
        with (suites / "delivery_overrides.csv").open("a") as file:
            rule = "expect_table_row_count_to_be_between,2,,,2014-09-01,,role:x,2016-01-01,"
            file.write(f"{TEXT},people,,{rule}\n")
        changed["TF_EXPECTATIONS"] = str(suites)
    elif what == "crosswalk":
        project = tmp_path / "dbt_project"
        shutil.copytree(paths.dbt_dir(), project, ignore=shutil.ignore_patterns("target"))
        with (project / "seeds/crosswalks/xwalk_values.csv").open("a") as file:
            file.write(f"{TEXT},people,sex,nobody says so,female,2014-09-01,,role:x,2016-01-01,\n")
        changed["TF_DBT_DIR"] = str(project)
    elif what == "shape":
        shapes = tmp_path / "authorities"
        shutil.copytree(paths.authorities_dir(), shapes)
        # one authority's rows follow from all shapes: another's is enough
        with (shapes / f"{WIDE}.yml").open("a") as file:
            file.write("# read otherwise\n")
        changed["TF_AUTHORITIES"] = str(shapes)
    elif what == "engine":
        changed["TF_GATES"] = "gx"
    elif what == "library":
        monkeypatch.setattr(unchanged, "version", lambda name: f"another {name}")
    else:
        parts = unchanged.rule_parts()
        monkeypatch.setattr(unchanged, "rule_parts", lambda: parts | {"code": "another"})
    assert judged(town_copy, monkeypatch, **changed)


@pytest.mark.parametrize(
    "spoil",
    [
        "update raw.verdicts set said = '\"spoilt\"'",
        "update raw.verdicts set said = '{\"gate\": 1}'",
        "delete from raw.verdicts",
        "delete from raw.accepted",
        # a bad delivery came in between
        "insert into raw.attempts select * replace ('rejected' as outcome, now() as attempted_at) "
        "from raw.attempts",
    ],
)
def test_what_was_said_is_not_taken_where_it_is_spoilt_or_no_longer_true(
    town_copy, monkeypatch, spoil
):
    with duckdb.connect(str(paths.warehouse_path())) as connection:
        connection.execute(spoil)
    assert judged(town_copy, monkeypatch)
    assert not judged(town_copy, monkeypatch)


def test_reference_tables_are_seeded_where_a_seed_or_a_table_has_changed(town_copy):
    from tf_pipeline.dbt.seeded import seed_where_changed
    from tf_pipeline.warehouse.connect import writer

    with writer("a test") as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'reference'"
        ).fetchall()
    tables = {name: ["reference", name] for (name,) in names}
    calls: list[int] = []

    def seeded() -> bool:
        return seed_where_changed(tables, lambda: calls.append(1))

    assert not seeded()
    with writer("a test") as connection:
        connection.execute("update reference.ref_needs set need = 'another' where need_code = 1")
    assert seeded()
    assert not seeded()
    with writer("a test") as connection:
        connection.execute("alter table reference.ref_needs add column more integer")
    assert seeded()
    assert len(calls) == 2


def test_a_kept_parse_that_is_spoilt_is_made_again(tmp_path, monkeypatch):
    from tf_pipeline.dbt import parsed_project

    folder = tmp_path / "target"
    monkeypatch.setattr(parsed_project, "_folder", lambda: folder)
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path / "data"))
    # this process may hold one already
    parsed_project._parsed.cache_clear()
    nodes = set(parsed_project.parsed("duckdb").nodes)
    (kept,) = folder.glob("parse-*.msgpack")
    whole = kept.read_bytes()
    for content in (whole[:-1], b"", whole[:100] + b"\0" + whole[101:]):
        kept.write_bytes(content)
        parsed_project._parsed.cache_clear()
        assert set(parsed_project.parsed("duckdb").nodes) == nodes
        assert kept.read_bytes() != content
    parsed_project._parsed.cache_clear()


def test_a_parse_is_known_by_what_is_parsed_and_not_by_a_seeds_rows(tmp_path, monkeypatch):
    import shutil

    from tf_pipeline.dbt.parsed_project import parse_name, parsed

    def seeds_lie_in() -> set[str]:
        nodes = parsed("duckdb").nodes.values()
        return {node.root_path for node in nodes if node.resource_type == "seed"}

    project = tmp_path / "dbt_project"
    shutil.copytree(REPO / "dbt_project", project, ignore=shutil.ignore_patterns("target"))
    here = parse_name("duckdb")
    assert seeds_lie_in() == {str(REPO / "dbt_project")}
    monkeypatch.setenv("TF_DBT_DIR", str(project))
    assert parse_name("duckdb") == here
    # one parse serves both, and each reads its own rows
    assert seeds_lie_in() == {str(project)}
    with (project / "seeds/reference/ref_needs.csv").open("a") as file:
        file.write("\n")
    assert parse_name("duckdb") == here
    assert parse_name("encrypted") != here
    with (project / "models/marts/families.sql").open("a") as file:
        file.write("-- said otherwise\n")
    assert parse_name("duckdb") != here


def test_a_changed_macro_leaves_each_test_with_the_table_it_is_a_check_of(tmp_path, monkeypatch):
    import shutil

    from tf_pipeline.dbt import parsed_project

    def tables() -> dict[str, dict]:
        nodes = parsed_project.parsed("duckdb").nodes.values()
        return {n.name: n.config.meta for n in nodes if n.resource_type == "test"}

    project, folder = tmp_path / "dbt_project", tmp_path / "target"
    shutil.copytree(REPO / "dbt_project", project, ignore=shutil.ignore_patterns("target"))
    monkeypatch.setattr(parsed_project, "_folder", lambda: folder)
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TF_DBT_DIR", str(project))
    before = tables()
    assert before["worked_examples_hold"] == {"dagster": {"ref": {"name": "level_examples"}}}
    with (project / "macros/words_key.sql").open("a") as file:
        file.write("{#- said otherwise -#}\n")
    assert tables() == before
    parsed_project._parsed.cache_clear()


def test_rows_landed_as_maps_become_lists(town_copy):
    from tf_pipeline.warehouse.connect import LANDING_VERSION, make_landing_tables

    with duckdb.connect(str(paths.warehouse_path())) as connection:
        before = connection.execute("from raw.people order by all").fetchall()
        connection.execute(
            """
            create or replace table raw.people as
            select rows.* replace (map(names.headings, rows.cells) as cells)
            from raw.people as rows
            inner join (
                select authority, month, list(heading order by position) as headings
                from raw.headings where dataset = 'people' group by all
            ) as names using (authority, month);
            delete from ops.version; insert into ops.version values (2, now())
            """
        )
        make_landing_tables(connection)
        assert before and connection.execute("from raw.people order by all").fetchall() == before
        version = connection.execute("select max(landing) from ops.version").fetchone()
    assert version == (LANDING_VERSION,)


def test_events_of_a_killed_process_are_there_for_dagsters_own_storage(tmp_path, monkeypatch):
    """What is committed survives, in files that Dagster reads without this project's storage."""
    import dagster as dg
    from dagster._core.storage.sqlite_storage import DagsterSqliteStorage

    from tf_pipeline.defs.instance import prepare_home

    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    home = prepare_home()
    said = tmp_path / "said"
    if not (child := os.fork()):
        with dg.DagsterInstance.get() as instance:
            for number in range(3):
                event = dg.AssetMaterialization("asset", metadata={"number": number})
                instance.report_runless_asset_event(event)
            said.touch()
            time.sleep(60)
        os._exit(1)
    while not said.exists():
        assert os.waitpid(child, os.WNOHANG) == (0, 0)
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    plain = DagsterSqliteStorage.from_local(str(home))
    records = plain.event_log_storage.fetch_materializations(dg.AssetKey("asset"), limit=9).records
    assert len(records) == 3
    _removed_file_is_made_again(home)


def _removed_file_is_made_again(home: Path) -> None:
    """An open file that somebody removed is no longer what others read."""
    import dagster as dg

    with dg.DagsterInstance.get() as instance:
        event = dg.AssetMaterialization("other")
        instance.report_runless_asset_event(event)
        for file in (home / "history/runs").iterdir():
            file.unlink()
        instance.report_runless_asset_event(event)
        records = instance.fetch_materializations(dg.AssetKey("other"), limit=9).records
    assert len(records) == 1
