"""`tf-pipeline explain`: the members make the figure, and its rows are the delivered ones."""

import fcntl
import re

import pytest

from tests.support.commands import SCRIPT, run_cli, run_script
from tf_pipeline.explain.cell import columns_of, find
from tf_pipeline.explain.draw import draw
from tf_pipeline.explain.explanation import explain
from tf_pipeline.explain.lineage import lines_of
from tf_pipeline.explain.members import HERE, members_file
from tf_pipeline.explain.reading import reader

# the real command, which waits no more than a moment for a load
IMPATIENT = f"""
from tf_pipeline.explain import reading
reading.WAIT_SECONDS = 0.1
{SCRIPT}
"""
AGGREGATED = sorted(path.stem for path in HERE.glob("*.sql"))


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
    reading.execute(f"create temp table listed as {members_file(table).read_text()}")
    names = [row[0] for row in reading.execute("describe listed").fetchall()]
    amount = "coalesce(amount, 1)" if "amount" in names else "1"
    grain = find(reading, table, "month", {}).grain
    keys = ", ".join(grain)
    counts = counts_of(reading, table)
    counted = reading.execute("select distinct column_name from listed").fetchall()
    assert counts
    assert {name for (name,) in counted} <= set(counts)
    for column in counts:
        unlike = reading.execute(
            f"""
            select {keys}, figure."{column}", members.total
            from gm.{table} as figure
            full join (
                select {keys}, sum({amount}) as total
                from listed
                where column_name = ?
                group by all
            ) as members using ({keys})
            where round(coalesce(figure."{column}", 0) - coalesce(members.total, 0), 6) <> 0
            """,
            [column],
        ).fetchall()
        assert unlike == [], column


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
        counts_nobody = not told.counted and members_file(cell.table).exists()
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
