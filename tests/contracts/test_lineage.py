"""Every published column says on what it rests, and what it says is there."""

import re
from fnmatch import fnmatch

import pytest
import yaml

from tests.support.commands import REPO
from tf_pipeline.explain.lineage import ANY, KEYS
from tf_pipeline.explain.members import HERE
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


def test_a_figure_about_many_has_its_members_in_a_file(baseline):
    there = published(baseline)
    about_many = {
        line["table_name"]
        for line in DELIVERED
        if line["entity"] in KEYS and not set(KEYS.values()) & there[line["table_name"]]
    }
    files = {path.stem for path in HERE.glob("*.sql")}
    assert about_many <= files
    assert files <= set(there)


def test_the_exposures_name_every_table_that_leaves_the_warehouse():
    text = (REPO / "dbt_project/models/exposures.yml").read_text()
    named = {
        one["name"]: set(re.findall(r"ref\('(\w+)'\)", " ".join(one["depends_on"])))
        for one in yaml.safe_load(text)["exposures"]
    }
    assert named["published_baseline"] == {*BY_MONTH, *WHOLE}
    shared = set(seed("reference/ref_shared.csv")["table_name"])
    assert named["shared_file"] == shared | {"ref_shared"}
