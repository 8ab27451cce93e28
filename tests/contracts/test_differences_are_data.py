"""An authority is rows and a YAML: no id of one in code, and both readings of a heading agree."""

import re
import subprocess
import sys

import yaml

from tests.support.commands import REPO, clean_environment
from tf_pipeline.authorities import registry
from tf_pipeline.naming import words_key
from tf_pipeline.rules.month_rules import month_rules


def test_no_authority_is_named_in_code():
    ids = re.compile(r"\b(" + "|".join(registry.authorities()) + r")\b", re.IGNORECASE)
    code = [
        *(REPO / "tf_pipeline").rglob("*.py"),
        *(REPO / "dbt_project/models").rglob("*"),
        *(REPO / "dbt_project/macros").rglob("*"),
    ]
    code = [path for path in code if path.is_file() and path.suffix != ".pyc"]
    named = [str(path.relative_to(REPO)) for path in code if ids.search(path.read_text())]
    assert named == []


def test_every_shape_opens_and_names_only_formats_that_dbt_knows():
    known = set(
        yaml.safe_load((REPO / "dbt_project/dbt_project.yml").read_text())["vars"]["date_formats"]
    )
    for authority in registry.authorities():
        declared = set(registry.shape(authority).date_formats)
        assert declared <= known | {"excel_serial"}, authority


def test_python_and_dbt_read_the_heading_crosswalk_alike(warehouse):
    rows = warehouse.execute(
        "select authority, dataset, unnest(map_entries(fields)) from staging.stg_headings"
    ).fetchall()
    assert len(rows) > 5
    month = warehouse.execute("select month from ops.control").fetchone()[0]
    by_authority = {}
    for authority, dataset, entry in rows:
        crosswalk = by_authority.setdefault(
            authority,
            {
                (d, key): field
                for d, _, key, field in month_rules(authority, month).crosswalk.iter_rows()
            },
        )
        assert crosswalk[(dataset, words_key(entry["value"]))] == entry["key"], (authority, entry)


def test_the_code_location_loads_without_the_heavy_libraries(loaded):
    probe = (
        "import sys; from tf_pipeline.definitions import defs; "
        "print([m for m in ('great_expectations', 'pandas', 'splink') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", probe],
        cwd=REPO, env=clean_environment(loaded.data), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_dagster_accepts_the_definitions(loaded):
    done = subprocess.run(
        [str(REPO / ".venv/bin/dg"), "check", "defs"],
        cwd=REPO, env=clean_environment(loaded.data), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
