"""Every published column says on what it rests, and what it says is there."""

import re
from fnmatch import fnmatch

import pytest
import yaml

from tests.support.commands import REPO
from tf_pipeline.explain.lineage import ANY, KEYS
from tf_pipeline.explain.members import PUBLISHED
from tf_pipeline.releases.contract import BY_MONTH, WHOLE
from tf_pipeline.rules.crosswalks import fields, seed

LINES = list(seed("reference/ref_lineage.csv").iter_rows(named=True))
DELIVERED = [line for line in LINES if line["dataset"] and "." not in line["dataset"]]
SEEDS = {path.stem for path in (REPO / "dbt_project/seeds").rglob("*.csv")}
# what the landing and the gates keep, beside the seeds
KEPT = {"raw.attempts", "raw.findings", "raw.set_aside", "ops.gates"}


def published(baseline) -> dict[str, set[str]]:
    """Table → columns of the release."""
    rows = baseline.execute(
        "select table_name, list(column_name) from duckdb_columns() where schema_name = 'gm' "
        "group by table_name"
    ).fetchall()
    return {table: set(columns) for table, columns in rows}


def test_every_published_column_has_a_line_and_every_line_a_column(baseline):
    there = published(baseline)
    said = {(line["table_name"], line["column_name"]) for line in LINES}
    without = [
        (table, column)
        for table, columns in there.items()
        for column in columns
        if not {(table, column), (table, ANY)} & said
    ]
    assert without == []
    unknown = [pair for pair in said if pair[1] not in there.get(pair[0], set()) | {ANY}]
    assert unknown == []


def test_what_a_line_names_is_there(baseline):
    there = published(baseline)
    for line in LINES:
        columns = there[line["table_name"]]
        of_row = [name for name in (line["made_of"] or "").split() if name != line["column_name"]]
        of_row += [line["month_column"]] if line["month_column"] else []
        assert set(of_row) <= columns, line
        if line["dataset"] and "." in line["dataset"]:
            schema, _, table = line["dataset"].partition(".")
            assert table in SEEDS if schema == "reference" else line["dataset"] in KEPT, line


@pytest.mark.parametrize(
    "line", DELIVERED, ids=lambda line: f"{line['table_name']}.{line['column_name']}"
)
def test_every_field_of_a_line_is_one_of_its_dataset(line):
    if line["dataset"].startswith("{"):
        return
    known = [field.name for field in fields() if field.dataset == line["dataset"]]
    assert known, line["dataset"]
    for name in (line["fields"] or "").split():
        pattern = re.sub(r"\{\w+\}", "*", name)
        assert any(fnmatch(field, pattern) for field in known), name


def test_a_figure_about_many_has_its_members_published(baseline):
    there = published(baseline)
    about_many = {
        line["table_name"]
        for line in DELIVERED
        if line["entity"] in KEYS and not set(KEYS.values()) & there[line["table_name"]]
    }
    models = (REPO / "dbt_project/models/members").glob("int_*_members.sql")
    listed = {path.stem.removeprefix("int_").removesuffix("_members") for path in models}
    assert about_many <= listed
    rows = baseline.execute(f"select distinct table_name from gm.{PUBLISHED}").fetchall()
    assert {table for (table,) in rows} == listed


def test_a_mart_adds_up_its_members_and_counts_nothing_else():
    """What a mart reads beside its members is vocabulary, dates and words of the authorities."""
    rows = {"int_families", "int_people", "int_family_needs", "int_family_levels", "int_recorded"}
    for model in (REPO / "dbt_project/models/members").glob("int_*_members.sql"):
        table = model.stem.removeprefix("int_").removesuffix("_members")
        text = (REPO / f"dbt_project/models/marts/{table}.sql").read_text()
        read = set(re.findall(r"ref\('(\w+)'\)", text))
        assert model.stem in read, table
        assert "figures_of(" in text, table
        assert read & rows == set(), table
        assert not re.search(r"count\(\*|count\(distinct (?!service)", text), table


def test_the_exposures_name_every_table_that_leaves_the_warehouse():
    text = (REPO / "dbt_project/models/exposures.yml").read_text()
    named = {
        one["name"]: set(re.findall(r"ref\('(\w+)'\)", " ".join(one["depends_on"])))
        for one in yaml.safe_load(text)["exposures"]
    }
    assert named["published_baseline"] == {*BY_MONTH, *WHOLE}
    shared = set(seed("reference/ref_shared.csv")["table_name"])
    assert named["shared_file"] == shared | {"ref_shared"}
