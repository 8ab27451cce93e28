"""A load builds what has changed and nothing else, and comes to what a whole load comes to."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.conftest import copy_data
from tests.support.town import MONTHS, Town
from tf_pipeline import paths
from tf_pipeline.dbt.up_to_date import Layer
from tf_pipeline.releases.contract import BY_MONTH, WHOLE
from tf_pipeline.warehouse.contents import Part, Rows, contents

BEFORE, MONTH = MONTHS
BUILT = ("staging", "intermediate", "audit", "gm")


@pytest.fixture(scope="module")
def still(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A loaded town that no test of this module changes for good."""
    own = Town(town.folder, copy_data(town.data, tmp_path_factory.mktemp("still") / "data"))
    with pytest.MonkeyPatch.context() as patched:
        own.point_at(patched)
        yield own


def layer(schema: str, month: str = MONTH, run: str = "another run") -> Layer:
    """A layer's tables as the warehouse has them."""
    with duckdb.connect(str(paths.warehouse_path()), read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = ?", [schema]
        ).fetchall()
    tests = ["every_person_has_a_family"] if schema == "gm" else []
    return Layer({name: [schema, name] for (name,) in names}, tests, month, run)


def changed(schema: str, sql: str = "", month: str = MONTH) -> set[str]:
    """What a load would build of a layer, were the warehouse changed so; it is not."""
    of = layer(schema, month)
    with duckdb.connect(str(paths.warehouse_path())) as connection:
        connection.begin()
        if sql:
            connection.execute(sql)
        found = of.changed(connection)
        connection.rollback()
    return found


def held(path: Path, schemas: tuple[str, ...] = BUILT) -> dict[Part, str]:
    """What every table of these schemas holds."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where list_contains($schemas, schema_name)",
            {"schemas": [*schemas]},
        ).fetchall()
        return contents(connection, [Part(*name) for name in names])


def test_a_corrected_delivery_comes_to_what_a_whole_load_comes_to(town_copy: Town):
    """Corrected, and corrected back: then all is as the load of all that made the town left it."""

    def loads(content: str) -> tuple[dict, dict]:
        ran = town_copy.run("load", MONTH, "--inbox", str(town_copy.folder / "inbox" / content))
        assert ran.code == 0, ran.output
        some = re.findall(r"(\w+): building (\d+) of (\d+) tables", ran.output)
        assert {name for name, *_ in some} == {"staging", "intermediate", "marts"}
        assert all(int(few) < int(every) / 2 for _, few, every in some), some
        assert not re.search(r"(staging|intermediate|marts): building \d+ tables", ran.output)
        return held(paths.warehouse_path()), held(paths.current_release_path(), ("gm",))

    whole = held(paths.warehouse_path())
    corrected, release = loads("b")
    moved = {part.table for part in whole if corrected[part] != whole[part]}
    assert "stg_interventions" in moved and "stg_people" not in moved
    back, release_back = loads("a")
    # it says when each delivery came
    whole.pop(Part("gm", "deliveries")), back.pop(Part("gm", "deliveries"))
    assert back == whole
    for table in (*BY_MONTH, *WHOLE):
        part = Part("gm", table)
        assert release[part] == corrected[part]
        assert release_back[part] == back.get(part, release_back[part])


def test_nothing_is_built_where_nothing_has_changed(still: Town):
    assert {schema: changed(schema) for schema in BUILT} == {schema: set() for schema in BUILT}


@pytest.mark.parametrize(
    ("sql", "schema", "expected"),
    [
        ("update staging.stg_people set sex = 'x' where rowid = 0", "staging", {"stg_people"}),
        ("update staging.stg_benefits set month = '2015-01'", "staging", {"stg_benefits"}),
        ("alter table staging.stg_benefits add column more integer", "staging", {"stg_benefits"}),
        ("drop table staging.stg_benefits", "staging", {"stg_benefits"}),
        ("delete from ops.built where name = 'stg_alcohol'", "staging", {"stg_alcohol"}),
        ("update ops.built set gate = '\"spoilt\"'", "staging", set()),
        ("update ops.built set rests_on = 'spoilt'", "gm", "all"),
        (f"delete from raw.incidents where month = '{BEFORE}'", "staging", set()),
        (
            f"update raw.incidents set row_number = 9999 where month = '{MONTH}'",
            "staging",
            {"stg_incidents"},
        ),
        # a child, and not yet what is built from it: it may come out as it was
        (
            "delete from intermediate.int_people where rowid = 0",
            "intermediate",
            {"int_people", "int_benefits", "int_family_needs"},
        ),
        (
            "update restricted.key_map set key = reverse(key)",
            "intermediate",
            {"int_families", "int_people"},
        ),
        ("update reference.ref_needs set need = 'another' where need_code = 1", "gm", set()),
        (
            "update reference.ref_needs set need = 'another' where need_code = 1",
            "intermediate",
            {"int_needs_in_use"},
        ),
        # what the mart of a month is built from is its own month before, too
        (
            f"delete from gm.family_members where month = '{BEFORE}' and rowid = 0",
            "gm",
            {"family_members"},
        ),
        (f"delete from gm.people where month = '{BEFORE}'", "gm", {"every_person_has_a_family"}),
        (f"delete from gm.benefits where month = '{BEFORE}'", "gm", set()),
        (f"delete from gm.benefits where month = '{MONTH}'", "gm", {"benefits"}),
    ],
)
def test_a_table_is_built_where_it_or_what_it_rests_on_has_changed(
    still: Town, sql: str, schema: str, expected
):
    every = {*layer(schema).tables}
    found = changed(schema, sql)
    assert found >= every if expected == "all" else found == expected


def test_another_month_and_another_project_build_everything(town_copy: Town, tmp_path, monkeypatch):
    every = {*layer("staging").tables}
    assert changed("staging", month=BEFORE) == every
    project = tmp_path / "dbt_project"
    shutil.copytree(paths.dbt_dir(), project, ignore=shutil.ignore_patterns("target"))
    monkeypatch.setenv("TF_DBT_DIR", str(project))
    assert changed("staging") == set()
    with (project / "models/staging/stg_people.sql").open("a") as file:
        file.write("\n-- said otherwise\n")
    assert changed("staging") == every


def kept_gates(schema: str = "staging", sql: str = "") -> set[str]:
    """Tables of a layer whose gate would not be asked again, were the warehouse changed so."""
    of = layer(schema)
    with duckdb.connect(str(paths.warehouse_path())) as connection:
        connection.begin()
        if sql:
            connection.execute(sql)
        of.changed(connection)
        kept = of.gates_kept(connection)
        connection.rollback()
    assert all(name == gate.suite.split(".")[-1] for name, gate in kept.items())
    return {*kept}


def test_a_gate_is_asked_where_rows_suite_engine_or_library_have_changed(
    still: Town, tmp_path, monkeypatch
):
    from tf_pipeline.deliveries import unchanged

    every = {*layer("staging").tables}
    assert kept_gates() == every
    for sql in (
        "update staging.stg_people set sex = 'x' where rowid = 0",
        "delete from ops.gates where gate = 'staging.stg_people'",
        "update ops.built set gate = '\"spoilt\"' where name = 'stg_people'",
        "update ops.built set gate = '[1]' where name = 'stg_people'",
        "update ops.built set gate = '{\"rules\": [1]}' where name = 'stg_people'",
        "update ops.built set gate = null where name = 'stg_people'",
    ):
        assert kept_gates(sql=sql) == every - {"stg_people"}, sql
    with monkeypatch.context() as patched:
        patched.setenv("TF_GATES", "gx")
        assert kept_gates() == set()
    with monkeypatch.context() as patched:
        patched.setattr(unchanged, "version", lambda name: f"another {name}")
        assert kept_gates() == set()
    suites = tmp_path / "suites"
    shutil.copytree(paths.expectations_dir(), suites)
    with (suites / "staging.stg_people.json").open("a") as file:
        file.write(" ")
    with monkeypatch.context() as patched:
        patched.setenv("TF_EXPECTATIONS", str(suites))
        assert kept_gates() == set()
    page = paths.gate_pages_dir() / MONTH / "staging.stg_people.html"
    page.rename(aside := page.with_suffix(".aside"))
    assert kept_gates() == every - {"stg_people"}
    aside.rename(page)


def test_a_release_takes_over_only_what_holds_the_same(still: Town, tmp_path):
    from tf_pipeline.releases.changes import alike

    assert alike(None, MONTH) == set()
    release = tmp_path / "release.duckdb"
    shutil.copy(paths.current_release_path(), release)
    release.chmod(0o600)
    assert alike(release, MONTH) == {*BY_MONTH, *WHOLE}
    with duckdb.connect(str(release)) as connection:
        connection.execute("update gm.people set age_band = null")
        connection.execute(f"delete from gm.benefits where month = '{BEFORE}'")
        connection.execute("alter table gm.closures add column more integer")
        connection.execute("drop table gm.supply")
    assert alike(release, MONTH) == {*BY_MONTH, *WHOLE} - {"people", "closures", "supply"}


def test_contents_do_not_depend_on_the_order_of_rows():
    with duckdb.connect() as connection:
        connection.execute(
            "create table one as select range as a, '2016-04' as month from range(9)"
        )
        connection.execute("create table two as from one order by a desc")
        connection.execute("create table six as select a::integer as a, month from one")
        parts = [Part("main", name) for name in ("one", "two", "six", "none")]
        found = contents(connection, parts)
        assert {part.table for part in found} == {"one", "two", "six"}
        assert found[parts[0]] == found[parts[1]] != found[parts[2]]
        connection.execute("update two set month = '2016-05' where a = 3")
        of_month = Part("main", "two", Rows.OF_MONTH)
        assert contents(connection, [of_month], "2016-04") != contents(
            connection, [of_month], "2016-05"
        )
