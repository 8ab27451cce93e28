"""The asset graph is as its snapshot says, and suites and contracts fit it."""

import pytest

from tests.support.commands import REPO
from tests.support.graph import SNAPSHOT, graph_lines
from tf_pipeline.authorities import registry
from tf_pipeline.naming import delivery_key, suite_name
from tf_pipeline.releases.contract import BY_MONTH, WHOLE

RENEW = ".venv/bin/python -m tests.support.graph"


@pytest.fixture(scope="module")
def snapshot() -> list[str]:
    return SNAPSHOT.read_text("utf-8").splitlines()


def words(lines: list[str], kind: str) -> set[str]:
    """The second word of the lines of a kind."""
    return {line.split()[1] for line in lines if line.startswith(f"{kind} ")}


def test_the_graph_is_as_its_snapshot_says(snapshot):
    now = graph_lines()
    gone = [line for line in snapshot if line not in now]
    new = [line for line in now if line not in snapshot]
    assert (gone, new) == ([], []), f"where this is wanted: {RENEW}"


def test_every_gated_asset_has_a_suite_and_every_suite_an_asset(snapshot):
    gated = {line.split()[1] for line in snapshot if line.endswith(" gate")}
    assert gated == words(snapshot, "asset")
    files = {path.stem for path in (REPO / "expectations").glob("*.json")}
    # the suite of every delivery is composed of one that all share
    composed = {suite_name(delivery_key(name)) for name in registry.authorities()}
    assert files - {"delivery"} | composed == {suite_name(key.split("/")) for key in gated}


def test_every_authority_and_every_published_table_is_an_asset(snapshot):
    assets = words(snapshot, "asset")
    assert {"/".join(delivery_key(name)) for name in registry.authorities()} <= assets
    assert {f"gm/{table}" for table in (*BY_MONTH, *WHOLE)} <= assets
