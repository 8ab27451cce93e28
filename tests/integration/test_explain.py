"""`tf-pipeline explain`: the members make the figure, and its rows are the delivered ones."""

import fcntl
import re

import pytest

from tests.support.commands import REPO, SCRIPT, run_cli, run_script
from tf_pipeline.explain.cell import columns_of, find
from tf_pipeline.explain.draw import draw
from tf_pipeline.explain.explanation import explain
from tf_pipeline.explain.lineage import lines_of
from tf_pipeline.explain.members import PUBLISHED, has_members
from tf_pipeline.explain.reading import reader

# the real command, which waits no more than a moment for a load
IMPATIENT = f"""
from tf_pipeline.explain import reading
reading.WAIT_SECONDS = 0.1
{SCRIPT}
"""
AGGREGATED = sorted(
    path.stem.removeprefix("int_").removesuffix("_members")
    for path in (REPO / "dbt_project/models/members").glob("int_*_members.sql")
)


@pytest.fixture
def reading(loaded, monkeypatch):
    """What an explanation reads, of the loaded sample."""
    monkeypatch.setenv("TF_DATA_DIR", str(loaded.data))
    # another test process may be explaining the same data
    monkeypatch.setattr("tf_pipeline.explain.reading.WAIT_SECONDS", 120)
    with reader() as connection:
        yield connection


def counts_of(connection, table: str) -> list[str]:
    """Columns of an aggregated table that count members, as the lineage says it."""
    counts = []
    for column in columns_of(connection, table):
        cell = find(connection, table, column, {})
        lines = [line for line in lines_of(connection, cell) if line.is_delivered]
        if cell.is_number and lines and lines[0].made_of == [column]:
            counts.append(column)
    return counts


@pytest.mark.parametrize("table", AGGREGATED)
def test_the_members_of_every_figure_make_the_figure(reading, table: str):
    """Every month, row and column; the row of gm from the members that it counts."""
    figure = find(reading, table, "month", {})
    held = columns_of(reading, PUBLISHED)
    keys = [name for name in figure.grain if name not in ("month", "authority")]
    assert set(keys) <= set(held)
    same = "".join(f" and (members.{k} = figure.{k} or members.{k} is null)" for k in keys)
    counts = counts_of(reading, table)
    assert counts
    named = reading.execute(
        f"select distinct unnest(string_split(column_names, ' ')) from gm.{PUBLISHED} "
        "where table_name = ?",
        [table],
    ).fetchall()
    assert {name for (name,) in named} <= set(counts)
    months = reading.execute(f"select count(distinct month) from gm.{table}").fetchall()[0][0]
    assert months > 1
    for column in counts:
        unlike = reading.execute(
            f"""
            select {", ".join(f"figure.{name}" for name in figure.grain)}, any_value("{column}"),
                sum(members.amount) as total,
            from gm.{table} as figure
            left join gm.{PUBLISHED} as members
                on members.table_name = '{table}'
                and members.month = figure.month
                and (
                    members.authority = figure.authority
                    or (figure.authority = 'gm' and members.is_in_gm)
                )
                and list_contains(string_split(members.column_names, ' '), '{column}'){same}
            group by all
            having round(coalesce(any_value("{column}"), 0) - coalesce(total, 0), 6) <> 0
            """
        ).fetchall()
        assert unlike == [], column


def test_no_member_is_in_a_figure_that_is_not_published(reading):
    """Each belongs to a row of its table; an empty key stands for every value of it."""
    for table in AGGREGATED:
        keys = [k for k in find(reading, table, "month", {}).grain if k != "authority"]
        same = " and ".join(f"(members.{k} = figure.{k} or members.{k} is null)" for k in keys)
        lost = reading.execute(
            f"select count(*) from gm.{PUBLISHED} as members anti join gm.{table} as figure "
            f"on members.authority = figure.authority and {same} where table_name = '{table}'"
        ).fetchall()
        assert lost == [(0,)], table


def test_a_family_moved_is_one_of_now_and_what_changed(reading):
    unlike = reading.execute(
        "select count(*) from gm.intensity_sensitivity "
        "where families_moved <> families_now + change"
    ).fetchall()
    assert unlike == [(0,)]
    cell = find(reading, "intensity_sensitivity", "families_moved", {"authority": "gm"})
    told = explain(reading, cell, rows=5)
    assert sum(counted.amount for counted in told.counted) == cell.value


def test_every_intervention_is_found_in_the_row_that_delivered_it(reading):
    lost = reading.execute(
        """
        select count(*)
        from gm.interventions as published
        anti join (
            select authority, month as as_of_month, intervention_key from delivered_interventions
        ) as rows using (authority, as_of_month, intervention_key)
        """
    ).fetchall()
    assert lost == [(0,)]


def test_drawn_cells_come_down_to_delivered_rows_or_say_why_not(reading):
    for cell in draw(reading, 40, seed=7):
        told = explain(reading, cell, rows=5)
        counts_nobody = not told.counted and has_members(cell.table)
        reached = told.places or told.unnamed or told.records or counts_nobody
        assert reached, (cell.table, cell.column, cell.key)
        assert told.gates, (cell.table, cell.column)


def test_a_place_is_where_the_family_stands(reading):
    """The row that an explanation names is the row in which staging read the family."""
    month = reading.execute("select month from warehouse.ops.control").fetchall()[0][0]
    families = reading.execute(
        """
        select authority, family_key, file_name, row_number
        from warehouse.intermediate.int_families
        qualify row_number() over (partition by authority order by family_key) = 1
        """
    ).fetchall()
    assert len(families) > 5
    for authority, key, file_name, row in families:
        cell = find(reading, "families", "end_date", {"month": month, "family_key": key})
        told = explain(reading, cell, rows=5)
        assert (authority, file_name, str(row)) in [
            (place.authority, place.file_name, number)
            for place in told.places
            for number in place.first
        ]


def test_the_crosswalk_row_that_made_a_status_is_shown(reading):
    """Whatever the shape in which an authority delivers needs."""
    said = reading.execute(
        """
        select month::varchar, authority, family_key, need_code::varchar, status
        from gm.family_needs
        where status_rule = 'word'
        qualify row_number() over (partition by month, authority order by family_key) = 1
        """
    ).fetchall()
    assert len({authority for _, authority, *_ in said}) > 5
    for *row, status in said:
        key = dict(zip(("month", "authority", "family_key", "need_code"), row, strict=True))
        told = explain(reading, find(reading, "family_needs", "status", key), rows=5)
        words = [
            one.says for rows in told.dated.values() for one in rows if one.seed == "xwalk_values"
        ]
        assert [says for says in words if says.endswith(f"is {status}")], key


def test_nothing_personal_is_shown_unless_asked_for(loaded, warehouse):
    ran = run_cli(loaded.data, "explain", "--draw", "10", "--seed", "7")
    assert ran.code == 0, ran.output
    assert ran.output.count("\nGates\n") == 10
    people = warehouse.execute(
        "select distinct unnest([forename, surname, upn, nino, postcode, local_person_id, "
        "local_family_id]) from staging.stg_people"
    ).fetchall()
    secrets = {row[0] for row in people if row[0] and len(row[0]) > 3}
    assert len(secrets) > 500
    # row numbers and counts look like some ids; a crosswalk's own words may be shown
    known = warehouse.execute(
        "select reason from reference.authority_declarations union all "
        "select value from reference.authority_declarations union all "
        "select definition from reference.authority_definitions union all "
        "select delivered from reference.xwalk_values union all "
        "select note from reference.xwalk_values"
    ).fetchall()
    allowed = {word for (text,) in known for word in words_in(text or "")}
    shown = {word for word in words_in(ran.output) if not re.fullmatch(r"\d{1,5}", word)}
    assert sorted((secrets - allowed) & shown) == []
    # an id of several words
    spaced = {one for one in secrets if not re.fullmatch(r"[\w/-]+", one)}
    text = " ".join(ran.output.split())
    assert [one for one in spaced if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text)] == []


def words_in(text: str) -> set[str]:
    """Words and numbers as they stand between blanks and punctuation."""
    return set(re.findall(r"[\w/-]+", text))


def family_of(warehouse) -> tuple[str, str]:
    """A family with everything: its key and its local id."""
    return warehouse.execute(
        "select family_key, local_family_id from intermediate.int_families "
        "semi join intermediate.int_people using (authority, family_key) "
        "semi join intermediate.int_incidents using (authority, family_key) "
        "semi join intermediate.int_interventions using (authority, family_key) "
        "where is_open and length(local_family_id) > 5 order by family_key limit 1"
    ).fetchone()


def test_a_family_shows_its_rows_with_their_places(loaded, warehouse):
    key, local_id = family_of(warehouse)
    ran = run_cli(loaded.data, "explain", "--family", key)
    assert ran.code == 0, ran.output
    for table in ("families", "people", "family_needs", "incidents", "interventions"):
        section = re.search(rf"^{table} · (\d+) rows?$", ran.output, re.MULTILINE)
        assert section and int(section[1]) > 0, table
    assert ran.output.count("←") > 10
    assert local_id not in ran.output


def test_restricted_shows_the_local_id(loaded, warehouse):
    key, local_id = family_of(warehouse)
    asked = ["explain", "families", "end_date", "--where", f"family_key={key}"]
    plain, restricted = (run_cli(loaded.data, *asked, *more) for more in ([], ["--restricted"]))
    assert local_id not in plain.output
    assert repr(local_id) in restricted.output
    assert restricted.output.startswith("RESTRICTED")


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (
            "need_prevalance yes",
            "There is no table 'need_prevalance'. Expected one of: need_prevalence,",
        ),
        ("families endate", "There is no column of families 'endate'. Expected one of: end_date,"),
        ("families end_date --month 1999-01", "There is no month in families '1999-01'."),
        ("families end_date --authority lx01", "There is no authority in families 'lx01'."),
        ("families end_date --where colour=red", "There is no column of families 'colour'."),
        ("need_sources yes --where need_code=99", "There is no need_code in need_sources '99'."),
        ("--family nobody", "There is no family in"),
    ],
)
def test_what_is_not_there_is_answered_in_one_sentence(loaded, asked: str, answer: str):
    ran = run_cli(loaded.data, "explain", *asked.split())
    assert ran.code == 1
    assert answer in " ".join(ran.output.split())
    assert "Traceback" not in ran.output


def test_who_is_writing_the_warehouse_is_named(loaded_copy):
    with (loaded_copy / "warehouse/writer.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write("process 7, loading")
        lock.flush()
        ran = run_script(loaded_copy, IMPATIENT, "explain", "families", "end_date")
    assert ran.code == 1
    assert "the warehouse is in use by process 7, loading" in " ".join(ran.output.split())


def test_a_warehouse_that_others_read_shows_nothing_restricted(loaded_copy):
    (loaded_copy / "warehouse/warehouse.duckdb").chmod(0o644)
    ran = run_cli(loaded_copy, "explain", "families", "end_date", "--restricted")
    assert ran.code == 1
    assert "chmod 600" in ran.output


def test_a_table_without_rows_has_nothing_to_explain(loaded_copy):
    import duckdb

    release = (loaded_copy / "published/current/gm_baseline.duckdb").resolve()
    release.chmod(0o600)
    with duckdb.connect(str(release)) as connection:
        connection.execute("delete from gm.supply")
    ran = run_cli(loaded_copy, "explain", "supply", "obstacle")
    assert (ran.code, ran.output.strip()) == (1, "gm.supply has no row to explain.")


@pytest.mark.parametrize("made", ["drop table gm.figure_members", "delete from gm.figure_members"])
def test_a_release_from_before_the_members_says_what_to_do(loaded_copy, made: str):
    import duckdb

    release = (loaded_copy / "published/current/gm_baseline.duckdb").resolve()
    release.chmod(0o600)
    with duckdb.connect(str(release)) as connection:
        connection.execute(made)
        month = connection.execute("select max(month) from gm.closures").fetchall()[0][0]
    ran = run_cli(loaded_copy, "explain", "closures", "families", "--month", month)
    assert ran.code == 1
    assert f"Publish the month again, then ask again: tf-pipeline load {month}" in " ".join(
        ran.output.split()
    )
    # a row of a family explains itself
    assert run_cli(loaded_copy, "explain", "families", "end_date").code == 0
