"""A month under the ten outcomes, from the generator; and an authority that is late to change."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.conftest import copy_data
from tests.support.commands import Ran, run_cli
from tests.support.figures import closures, eligibility, intensity, needs
from tf_pipeline.authorities import registry
from tf_pipeline.rules.frameworks import framework_in_force, frameworks
from tf_pipeline.sample.dialect import Dialect, dialect
from tf_pipeline.sample.generate import generate
from tf_pipeline.sample.truth import truth

# with this seed every authority has a claim: a file without a row would be refused
MONTH, FAMILIES, SEED = "2022-11", 120, 1


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inbox")
    generate(folder, [MONTH], FAMILIES, SEED)
    return folder


@pytest.fixture(scope="module")
def ran(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    data = tmp_path_factory.mktemp("data")
    return run_cli(data, "load", MONTH, "--inbox", str(inbox))


@pytest.fixture(scope="module")
def outcomes(ran: Ran) -> Iterator[duckdb.DuckDBPyConnection]:
    with ran.published() as connection:
        yield connection


def test_ten_authorities_are_accepted(ran: Ran):
    assert ran.code == 0, ran.output
    for authority in registry.authorities():
        assert f"{authority}: accepted" in ran.output


def test_what_is_published_is_what_is_true(outcomes: duckdb.DuckDBPyConnection):
    for authority, true in truth([MONTH], FAMILIES, SEED)[MONTH].items():
        assert set(true["needs"]) == set(range(11, 21))
        assert intensity(outcomes, MONTH, authority) == true["intensity"], authority
        assert needs(outcomes, MONTH, authority) == true["needs"], authority
        assert eligibility(outcomes, MONTH, authority) == true["eligibility"], authority
        assert closures(outcomes, MONTH, authority) == true["closures"], authority


def test_families_have_ten_needs_and_are_eligible_with_three(outcomes: duckdb.DuckDBPyConnection):
    counts = outcomes.execute(
        "select count(*), count(distinct need_code), min(need_code), max(need_code) "
        "from gm.family_needs group by authority, family_key"
    ).fetchall()
    assert len(counts) == FAMILIES
    assert set(counts) == {(10, 10, 11, 20)}
    rules = outcomes.execute(
        "select distinct framework, needs_required from gm.eligibility_sensitivity"
    ).fetchall()
    assert rules == [("ten_outcomes", 3)]
    eligible = outcomes.execute(
        "select count(*) from gm.families where is_eligible_as_declared <> (needs_yes >= 3)"
    ).fetchone()
    assert eligible == (0,)


def test_nothing_is_left_unmapped(ran: Ran, outcomes: duckdb.DuckDBPyConnection):
    with duckdb.connect(str(ran.data / "warehouse/warehouse.duckdb"), read_only=True) as warehouse:
        for table in ("headings", "values", "interventions"):
            count = warehouse.execute(f"select count(*) from audit.unmapped_{table}").fetchone()
            assert count == (0,), table
    assert outcomes.execute("select count(*) from gm.work_list").fetchone() == (0,)


def test_who_still_names_the_six_problems_is_read_by_them(ran: Ran, inbox: Path, tmp_path: Path):
    """Its needs stay what they are; of the ten outcomes only what they can tell is counted."""
    late = next(d for d in (dialect(a, MONTH, SEED) for a in registry.authorities()) if is_long(d))
    others = tmp_path / "inbox" / MONTH
    shutil.copytree(inbox / MONTH, others, ignore=shutil.ignore_patterns(late.authority))
    renamed = name_the_six(inbox / MONTH / late.authority, others / late.authority, late)
    # its delivery is corrected; what was true of the others stays
    data = copy_data(ran.data, tmp_path / "data")
    ran = run_cli(data, "load", MONTH, "--inbox", str(others.parent))
    assert ran.code == 0, ran.output
    assert re.search(f"{late.authority}: accepted, [0-9,]+ rows\n", ran.output), ran.output
    with ran.published() as baseline:
        stored = baseline.execute(
            "select need_code, status from gm.family_needs where authority = ? "
            "and (need_code <= 6 or status <> 'not_held')",
            [late.authority],
        ).fetchall()
        assert {code for code, _ in stored} == set(range(1, 7))
        assert len(stored) == renamed.height
        rows = baseline.execute(
            "select framework, max(needs_yes), sum(needs_yes) from gm.family_eligibility "
            "where authority = ? group by 1 order by 1",
            [late.authority],
        ).fetchall()
    by_framework = {name: (most, total) for name, most, total in rows}
    assert by_framework["six_problems"][1] > by_framework["ten_outcomes"][1] > 0
    # four of the ten have one of the six that says the same
    assert by_framework["ten_outcomes"][0] <= 4


def is_long(one: Dialect) -> bool:
    """Whether an authority delivers a row a need, as text."""
    return "need_status" in one.headings["needs"] and one.shape.datasets["needs"].format == "csv"


def name_the_six(source: Path, target: Path, late: Dialect) -> pl.DataFrame:
    """Copies a delivery, its first six outcomes under the names of the six problems."""
    target.mkdir(parents=True)
    for path in source.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    shape, words = late.shape.datasets["needs"], late.choices("needs", "need")
    old = next(f for f in frameworks() if f.name != framework_in_force(MONTH).name)
    named = {
        words[new][0]: words[need][0]
        for new, need in zip(late.framework.needs.values(), old.needs.values(), strict=False)
    }
    (path,) = target.glob(shape.files)
    rows = pl.read_csv(path, separator=shape.delimiter, infer_schema=False)
    heading = next(h for h in rows.columns if set(rows[h].str.strip_chars()) & set(named))
    name = pl.col(heading).str.strip_chars()
    rows = rows.filter(name.is_in(list(named))).with_columns(name.replace(named))
    rows.write_csv(path, separator=shape.delimiter)
    return rows
