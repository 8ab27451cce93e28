"""Every asset has its suite and every suite its asset, and each says to a lead why it asks."""

from pathlib import Path

import pytest

from tests.support.commands import REPO
from tf_pipeline.authorities import registry
from tf_pipeline.naming import (
    KEY_MAP_KEY,
    PUBLISHED_KEY,
    SHARED_KEY,
    STANDING_KEY,
    delivery_key,
    suite_name,
    table_key,
)
from tf_pipeline.quality.gx_check import check_with_gx
from tf_pipeline.quality.suites import read_suite, suite_names

# dbt folder → schema of its tables
SCHEMAS = {
    "models/mapping": "staging",
    "models/staging": "staging",
    "models/intermediate": "intermediate",
    "models/audit": "audit",
    "models/marts": "gm",
}
# inline in the models that read them: no table, so no gate
INLINE = {"models/members"}
# a reason, not a word
SHORTEST_WHY = 20
# several tables are read by these; every other suite is about one
OF_SEVERAL_TABLES = ("delivery.", "published.")


def models_in(folder: Path) -> list[Path]:
    """dbt's models, in SQL or in Python."""
    return [path for kind in ("*.sql", "*.py") for path in sorted(folder.rglob(kind))]


def assets() -> list[str]:
    """Suite names of everything that is materialised, from the files that define it."""
    project = REPO / "dbt_project"
    keys = [
        table_key(schema, path.stem)
        for folder, schema in SCHEMAS.items()
        for path in models_in(project / folder)
    ]
    keys += [table_key("reference", path.stem) for path in (project / "seeds").rglob("*.csv")]
    keys += [delivery_key(authority) for authority in registry.authorities()]
    keys += [STANDING_KEY, KEY_MAP_KEY, PUBLISHED_KEY, SHARED_KEY]
    return [suite_name(key) for key in keys]


def test_every_asset_has_a_suite_and_every_suite_an_asset():
    known = assets()
    assert len(known) == len(set(known))
    assert suite_names() == sorted(known)


def test_every_folder_of_models_has_a_schema_here():
    folders = {
        f"models/{path.relative_to(REPO / 'dbt_project/models').parts[0]}"
        for path in models_in(REPO / "dbt_project/models")
    }
    assert folders == set(SCHEMAS) | INLINE


@pytest.mark.parametrize("name", suite_names())
def test_a_suite_can_be_read_and_says_why(name: str):
    suite = read_suite(name)
    check_with_gx(suite)
    for expectation in suite["expectations"]:
        assert len(expectation["meta"]["why"]) >= SHORTEST_WHY, expectation["id"]
        of_several = name.startswith(OF_SEVERAL_TABLES)
        assert ("dataset" in expectation["meta"]) is of_several, expectation["id"]


def test_no_expectation_has_the_id_of_another_suites():
    ids = [e["id"] for name in suite_names() for e in read_suite(name)["expectations"]]
    assert len(ids) == len(set(ids))


def test_every_model_has_its_yaml_beside_it():
    models = REPO / "dbt_project/models"
    sql = {path.with_suffix("") for path in models_in(models)}
    beside = {path.with_suffix("") for path in models.glob("*/*.yml")}
    assert sql == beside
