"""Somebody who does not exist is planted everywhere; nothing that others may see names her."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import MONTHS, SAMPLE, copy_data
from tests.support import personal
from tests.support.commands import REPO, Ran, run_script
from tests.support.personal import FORENAME, LOCAL_ID, NAME, NINO, TRACES, UPN, Lines
from tf_pipeline.authorities import registry

MONTH = MONTHS[-1]
# names belong in these: all of them are their owner's alone
RESTRICTED = r"^(warehouse/warehouse\.duckdb|landing/files/.*|quarantine/.*(?<!reasons\.json)$)"
# the real command, with an error of our own that quotes a delivered row
BROKEN = """
from tf_pipeline.deliveries import intake
validate = intake.validate
def broken(authority, *rest):
    found = validate(authority, *rest)
    if authority == "la09":
        raise ValueError(f"cannot use {found.opened[1].rows.accepted.row(0)}")
    return found
intake.validate = broken
from tf_pipeline.cli import main
main()
"""


def command(data: Path, *arguments: str, **environment: str) -> Ran:
    return run_script(data, BROKEN, *arguments, umask=0o022, TF_DEBUG="", **environment)


def with_column(heading: str, cell: str):
    """A further column at the end: its heading, and a cell in each row."""

    def change(lines: Lines) -> None:
        for number, line in enumerate(lines):
            line.append(heading if number == 0 else cell)

    return change


def spoil(month: Path) -> None:
    """Good rows, and her name, number or birth date wherever a rule may stumble over it."""
    for name in registry.authorities():
        if registry.shape(name).datasets["families"].format == "csv":
            personal.plant_everywhere(month, name)
    strange = f"{NAME} {personal.BIRTHS[1]} {NINO}"
    # a few rows, so that they are accepted and the rest of the way is theirs: words, dates, numbers
    plant = personal.plant
    for name in ("la02", "la04"):
        plant(month, name, "people", 2, {"sex": NAME, "relationship": NAME, "is_unborn": NINO})
        plant(month, name, "people", 3, {"date_of_birth": strange})
        plant(month, name, "people", 4, {"local_person_id": LOCAL_ID})
        plant(month, name, "people", 5, {"local_person_id": LOCAL_ID, "local_family_id": LOCAL_ID})
        plant(month, name, "interventions", 2, {"intervention": NAME})
        plant(month, name, "needs", 2, {"local_family_id": LOCAL_ID})
    # la02: in more cells than its rules allow
    plant(month, "la02", "families", 2, {"closure_reason": NAME, "end_date": strange})
    plant(month, "la02", "needs", 2, {"need": NAME, "need_source": NAME})
    plant(month, "la02", "needs", 3, {"need_status": UPN})
    plant(month, "la02", "incidents", 2, {"dv": NAME, "incident_month": NAME})
    plant(month, "la02", "benefits", 2, {"benefit": NAME, "as_at": strange})
    plant(month, "la02", "claims", 1, {"claim_type": NAME, "end_point_date": strange})
    plant(month, "la02", "interventions", 2, {"intensity_level": NAME, "hours_per_week": NAME})
    # la03: a list of which nothing can be read, so that it is refused
    everywhere = {"date_of_birth": strange, "sex": NAME}
    for row in range(1, 40):
        plant(month, "la03", "people", row, everywhere)
    # la04: a person's name, a birth date and a pupil number as headings nobody knows
    personal.edit(month, "la04", "people", with_column(NAME, "x"))
    personal.edit(month, "la04", "people", with_column(personal.BIRTHS[1], "x"))
    personal.edit(month, "la04", "families", with_column(f"see {UPN}", "x"))
    # la06: a sheet and a cell with her name; la01: the same, then cut off
    for name in ("la06", "la01"):
        book = personal.file_of(month, name, "people")
        personal.edit_workbook(book, "worksheets/", lambda text: text.replace("Samplon", FORENAME))
    book = personal.file_of(month, "la06", "people")
    personal.edit_workbook(book, "workbook.xml", lambda text: text.replace("CODES", FORENAME))
    book = personal.file_of(month, "la01", "people")
    book.write_bytes(book.read_bytes()[: -book.stat().st_size // 10])
    # la07: a cell as long as a letter
    plant(month, "la07", "families", 3, {"closure_reason": f"{NAME} " * 5000})
    plant(month, "la07", "families", 4, {"programme_group": NINO})
    # la08: her name in a heading's place; la10: her row in the headings' place
    at = registry.shape("la08").datasets["people"].header_row - 1

    def renamed(lines: Lines) -> None:
        lines[at][5] = NAME

    personal.edit(month, "la08", "people", renamed)
    personal.edit(month, "la10", "people", lambda lines: lines.pop(0))


@pytest.fixture(scope="module")
def leaky(loaded, tmp_path_factory) -> tuple[Ran, Ran]:
    """A load of the spoilt month with an error in the program; and one that fails in dbt."""
    folder = tmp_path_factory.mktemp("leaks")
    copy_data(loaded.data, folder / "data")
    shutil.copytree(SAMPLE / MONTH, folder / "inbox" / MONTH)
    spoil(folder / "inbox" / MONTH)
    arguments = ("load", MONTH, "--inbox", str(folder / "inbox"))
    first = command(folder / "data", *arguments)
    shutil.copytree(REPO / "dbt_project", folder / "dbt")
    model = folder / "dbt" / "models" / "intermediate" / "int_people.sql"
    # dbt's own message would be: could not convert string 'Zyx…' to an integer
    people = "select forename::integer::varchar from staging.stg_people where forename like 'Zyx%'"
    model.write_text(model.read_text() + f"where person_key not in ({people})\n")
    second = command(folder / "data", *arguments, "--again", TF_DBT_DIR=str(folder / "dbt"))
    return first, second


def test_the_loads_were_good_and_bad(leaky: tuple[Ran, Ran]):
    first, second = leaky
    assert first.code == 3, first.output
    assert second.code == 1, second.output
    assert "la09: held" in first.output and "ValueError" in first.output
    assert "la04: accepted" in first.output and "la05: accepted" in first.output
    for refused in (
        "la01: rejected",
        "la02: rejected",
        "la03: rejected",
        "la06: held",
        "la08: held",
        "la10: reject",
    ):
        assert refused in first.output
    assert "int_people" in second.output


def test_the_search_finds_her_where_she_belongs(leaky: tuple[Ran, Ran]):
    """A search that finds nothing anywhere would pass every other test here."""
    data = leaky[0].data
    raw = personal.traces_in_tables(data / "warehouse" / "warehouse.duckdb")
    assert set().union(*raw.values()) >= set(TRACES) - {t.lower() for t in personal.BIRTHS[2:]}
    assert "raw.people" in raw
    waiting = dict(personal.traces_in_files(data / "quarantine", "reasons.json"))
    assert set().union(*waiting.values()) >= {"zyxwhistle", "qq987654", "z987654321098"}


def test_no_file_but_the_restricted_ones_names_her(leaky: tuple[Ran, Ran]):
    """Dagster's events and logs, gates' pages, packs, dbt's own files, reasons of quarantine."""
    data = leaky[0].data
    for needed in ("dagster", "docs/gates", f"packs/{MONTH}/la02", "dbt", "quarantine"):
        assert any((data / needed).rglob("*.*")), needed
    assert dict(personal.traces_in_files(data, RESTRICTED)) == {}


def test_no_published_table_names_her(leaky: tuple[Ran, Ran]):
    current = leaky[0].data / "published" / "current"
    for name in ("gm_baseline.duckdb", "gm_shared_baseline.duckdb"):
        assert personal.traces_in_tables((current / name).resolve()) == {}


def test_no_finding_or_gate_in_the_warehouse_names_her(leaky: tuple[Ran, Ran]):
    warehouse = leaky[0].data / "warehouse" / "warehouse.duckdb"
    told = "(schema_name in ('gm', 'ops') or table_name in ('findings', 'attempts', 'headings'))"
    assert personal.traces_in_tables(warehouse, told) == {}


def test_no_command_says_her_name(leaky: tuple[Ran, Ran]):
    for ran in leaky:
        assert personal.traces(ran.output) == set()
    for arguments in (("status",), ("explain", "families", "family_key", "--draw", "3")):
        assert personal.traces(command(leaky[0].data, *arguments).output) == set()


def test_a_strange_heading_is_still_told_apart(leaky: tuple[Ran, Ran]):
    """Hidden is what it says, not that it is there: the column is named."""
    with leaky[0].published() as baseline:
        told = baseline.execute(
            "select heading from gm.work_list where month = ? and authority = 'la04' "
            "and rule = 'HEADING_UNKNOWN' order by 1",
            [MONTH],
        ).fetchall()
    assert len(told) == 3
    assert all("its heading may be personal" in heading for (heading,) in told)


def test_what_may_name_somebody_is_its_owners_alone(leaky: tuple[Ran, Ran]):
    """Loaded under a umask that lets everybody read: modes do not rest on it."""
    data = leaky[0].data
    restricted = ("warehouse", "secrets", "landing", "quarantine", "packs", "dagster", "dbt")
    paths = [path for name in restricted for path in (data / name, *(data / name).rglob("*"))]
    assert {path.name for path in paths} > {"warehouse.duckdb", "writer.lock", "reasons.json"}
    shared = [path for path in paths if path.stat().st_mode & 0o077]
    assert shared == []


def test_a_group_reads_what_is_published_and_others_nothing(leaky: tuple[Ran, Ran]):
    data = leaky[0].data
    current = (data / "published" / "current").resolve()
    for path in (data, data / "published", current, data / "docs" / "gates" / MONTH):
        assert path.stat().st_mode & 0o777 == 0o750, path
    files = {path.name: path.stat().st_mode & 0o777 for path in current.iterdir()}
    assert files["gm_baseline.duckdb"] == files["gm_shared_baseline.duckdb"] == 0o440
    assert files["comparability.html"] == 0o640
