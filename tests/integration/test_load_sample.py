"""The README's load, as a new user runs it: what it says, what it leaves, and a second time."""

import pytest

from tests.conftest import MONTHS
from tests.support.commands import run_cli
from tests.support.figures import closures, eligibility, intensity, needs
from tf_pipeline.authorities import registry


def test_every_authority_is_accepted_and_the_exit_code_says_so(loaded):
    assert loaded.code == 0, loaded.output
    assert "Traceback" not in loaded.output
    for month in MONTHS:
        assert f"{month}: deliveries and the current baseline" in loaded.output
    for authority in registry.authorities():
        assert f"{authority}: accepted" in loaded.output


def test_a_second_load_changes_nothing(loaded):
    current = (loaded.data / "published" / "current").resolve()
    again = run_cli(loaded.data, "load")
    assert again.code == 0, again.output
    assert again.output.count("nothing has changed") == len(MONTHS)
    assert (loaded.data / "published" / "current").resolve() == current


def test_what_is_loaded_is_what_is_true_in_the_sample(baseline, truth):
    """The generator knows the truth before it writes a file."""
    checked = 0
    for month, by_authority in truth.items():
        for authority, true in by_authority.items():
            assert intensity(baseline, month, authority) == true["intensity"], (month, authority)
            assert needs(baseline, month, authority) == true["needs"], (month, authority)
            opened = baseline.execute(
                "select count(*) from gm.families where month = ? and authority = ? "
                "and is_open and programme_group = 'programme'",
                [month, authority],
            ).fetchone()[0]
            assert opened == true["open_programme_families"], (month, authority)
            assert eligibility(baseline, month, authority) == true["eligibility"]
            assert closures(baseline, month, authority) == true["closures"], (month, authority)
            checked += 1
    assert checked == len(MONTHS) * len(registry.authorities())


def test_nothing_was_left_unmapped_in_the_sample(baseline, warehouse):
    for table in ("headings", "values", "interventions"):
        assert warehouse.execute(f"select count(*) from audit.unmapped_{table}").fetchone() == (0,)
    rules = {row[0] for row in baseline.execute("select rule from gm.work_list").fetchall()}
    assert "HEADING_UNKNOWN" not in rules


def test_rows_balance_for_every_dataset(baseline):
    off = baseline.execute(
        "select count(*) from gm.deliveries where rows_delivered <> rows_accepted + rows_set_aside"
    ).fetchone()[0]
    assert off == 0
    aside = baseline.execute("select sum(rows_set_aside) from gm.deliveries").fetchone()[0]
    assert aside > 0, "the sample has totals rows and blank rows"


def test_status_shows_the_grid(loaded):
    shown = run_cli(loaded.data, "status")
    assert shown.code == 0
    for month in MONTHS:
        assert month in shown.output
    assert shown.output.count("accepted") >= len(MONTHS) * len(registry.authorities())


def test_the_gates_pages_open_offline(loaded):
    index = (loaded.data / "docs" / "gates" / "index.html").read_text()
    assert all(month in index for month in MONTHS)
    pages = list((loaded.data / "docs" / "gates" / MONTHS[-1]).glob("*.html"))
    assert len(pages) > 40
    assert not any('src="http' in page.read_text() for page in pages)


@pytest.fixture(scope="module")
def truth() -> dict:
    """Month → authority → what is true in the committed sample, on the authority's own rules."""
    from tf_pipeline.sample.truth import truth

    return truth(MONTHS, families=300, seed=7)


def test_a_load_with_nothing_to_do_closes_a_run_that_died(loaded_copy, monkeypatch):
    """Killed after its publication: no later run would come to close it."""
    import dagster as dg

    home = loaded_copy / "dagster"
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    job = dg.GraphDefinition(name="empty").to_job()
    with dg.DagsterInstance.get() as instance:
        run = instance.create_run_for_job(job)
        instance.report_dagster_event(
            dg.DagsterEvent("PIPELINE_START", "empty", message=""), run.run_id
        )
    (home / "living").mkdir(exist_ok=True)
    (home / "living" / run.run_id).touch()
    ran = run_cli(loaded_copy, "load", MONTHS[-1])
    assert "nothing has changed since" in ran.output, ran.output
    with dg.DagsterInstance.get() as instance:
        assert instance.get_run_by_id(run.run_id).status is dg.DagsterRunStatus.FAILURE
