"""What is not the same is never added up, and every value says what it is."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import MONTHS
from tests.integration.test_ui import CHROMIUM, new_page, picture
from tests.support.commands import REPO, run_script

MONTH = MONTHS[-1]
DECLARATIONS = REPO / "dbt_project/seeds/declarations/authority_declarations.csv"


def seed(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False)


def test_zeros_that_mean_not_held_are_in_no_figure(baseline):
    rows = seed(DECLARATIONS).filter(
        (pl.col("topic") == "zero_means") & (pl.col("value") == "not_held")
    )
    fields = rows.select("authority", "subject").rows()
    assert fields, "an authority declares that its zeros are not supplied"
    for authority, subject in fields:
        dataset, field = subject.split(".")
        if dataset == "incidents":
            zeros = baseline.execute(
                "select count(*) from gm.incidents where authority = ? and incident_type = ? "
                "and status = 'true_zero'",
                [authority, field],
            ).fetchone()
            summed = baseline.execute(
                "select count(*), count(rate), count(incidents) from gm.incident_summary "
                "where authority = ? and incident_type = ?",
                [authority, field],
            ).fetchone()
            assert zeros == (0,)
            assert summed == (len(MONTHS), 0, 0)
            in_rate = baseline.execute(
                "select count(*) from gm.incident_summary where authority = 'gm' "
                "and list_contains(string_split(authorities_in_rate, ' '), ?)",
                [authority],
            ).fetchone()
            assert in_rate == (0,)
        elif (code := field.removeprefix("need_")).isdigit() and int(code) <= 6:
            said = baseline.execute(
                'select sum("no"), sum(not_held), bool_and(is_one_sided or yes = 0) '
                "from gm.need_prevalence where authority = ? and need_code = ?",
                [authority, int(code)],
            ).fetchone()
            assert said[0] == 0 and said[1] > 0 and said[2]


def test_two_bases_of_one_need_are_two_rows_that_add_up(baseline):
    several = baseline.execute(
        "select count(*) from (select authority, need_code from gm.need_sources "
        "where month = ? group by all having count(*) > 1)",
        [MONTH],
    ).fetchone()[0]
    assert several > 0
    off = baseline.execute(
        """
        select count(*) from gm.need_prevalence as whole
        inner join (
            select month, authority, need_code, sum(yes) as yes
            from gm.need_sources where measured_by = 'needs' group by all
        ) as parts using (month, authority, need_code)
        where whole.yes <> parts.yes
        """
    ).fetchone()[0]
    assert off == 0


def test_comparison_families_are_never_pooled_with_programme_families(baseline):
    groups = baseline.execute(
        "select programme_group, count(*) filter (where authority = 'gm'), count(mean_size) "
        "from gm.family_sizes group by all order by all"
    ).fetchall()
    by_group = {name: rest for name, *rest in groups}
    assert by_group["programme"][0] == len(MONTHS)
    # every authority of the sample lists only members with issues
    assert by_group["comparison"] == [0, 0]
    pooled = baseline.execute(
        "select count(*) from gm.families where programme_group = 'comparison' "
        "and is_member_count_complete"
    ).fetchone()
    assert pooled == (0,)
    related = baseline.execute(
        "select distinct relationship_status from gm.people "
        "inner join gm.families using (month, authority, family_key) "
        "where programme_group = 'comparison' and not is_unborn"
    ).fetchall()
    assert related == [("not_held",)]


def test_every_value_is_observed_or_says_why_not(baseline):
    """A value is there exactly where its status says so."""
    for table, column, status in (
        ("incidents", '"count"', "status"),
        ("benefits", "benefit", "status"),
        ("interventions", "hours_per_week", "hours_status"),
        ("interventions", "workers", "workers_status"),
        ("families", "closure_reason", "closure_status"),
    ):
        off = baseline.execute(
            f"select count(*) from gm.{table} "
            f"where ({column} is not null) <> ({status} in ('observed', 'true_zero'))"
        ).fetchone()
        assert off == (0,), (table, column)


# dbt commands, then the test
AGREED = """
import sys
from tf_pipeline.dbt.runner import invoke, run_tests
for command in sys.argv[1:]:
    invoke(*command.split())
print(run_tests(["worked_examples_hold"]))
"""


def test_a_crosswalk_against_what_the_analysts_agreed_stops_before_publication(
    loaded_copy, tmp_path
):
    project = tmp_path / "dbt_project"
    shutil.copytree(REPO / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))

    def failing(*commands: str) -> str:
        ran = run_script(loaded_copy, AGREED, *commands, TF_DBT_DIR=str(project))
        assert ran.code == 0, ran.output
        return ran.output.strip()

    assert failing("run --select level_examples") == "{'worked_examples_hold': 0}"
    path = project / "seeds/crosswalks/worked_examples.csv"
    examples = seed(path)
    wrong = pl.when(pl.col("agreed_level") == "L2").then(pl.lit("L1")).otherwise("agreed_level")
    examples.with_columns(wrong.alias("agreed_level")).write_csv(path)
    expected = examples.filter(pl.col("agreed_level") == "L2")["example"].n_unique()
    seeded = "seed --full-refresh --select worked_examples"
    assert (
        failing(seeded, "run --select level_examples") == f"{{'worked_examples_hold': {expected}}}"
    )


def test_a_month_that_comes_to_nothing_leaves_no_old_rows(loaded_copy, monkeypatch):
    import duckdb

    monkeypatch.setenv("TF_DATA_DIR", str(loaded_copy))
    from tf_pipeline.dbt.runner import invoke

    path = loaded_copy / "warehouse/warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from raw.benefits where month = ?", [MONTH])
    invoke("run", "--select", "stg_benefits", "int_benefits", "benefits")
    with duckdb.connect(str(path), read_only=True) as connection:
        left = connection.execute("select distinct month from gm.benefits order by 1").fetchall()
    assert [month for (month,) in left] == MONTHS[:-1]


@pytest.mark.skipif(CHROMIUM is None, reason="no browser: install Debian's chromium")
def test_a_lead_reads_the_page_without_a_network(loaded, tmp_path):
    with new_page() as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto((loaded.data / "published/current/comparability.html").resolve().as_uri())
        page.get_by_text("Which figures are comparable").first.wait_for()
        text = page.inner_text("body")
        assert picture(page, tmp_path, "comparability").stat().st_size > 20_000
        rows = page.locator("table").first.locator("tbody tr").count()
    assert [url for url in asked if not url.startswith("file:")] == []
    with loaded.published() as baseline:
        topics = baseline.execute(
            "select count(distinct topic) from gm.comparability where valid_from <= '2016-05-31'"
        ).fetchone()[0]
        whole = baseline.execute(
            "select round(rate_common * 100)::int, authorities_in_rate from gm.need_prevalence "
            "where month = ? and authority = 'gm' and need_code = 6",
            [MONTH],
        ).fetchone()
    assert rows == topics
    assert f"{whole[0]} %" in text and whole[1] in text
    assert "organisation x" in text
