"""A gate that shuts: no materialisation behind it, nothing published; and none is missing."""

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import MONTHS
from tf_pipeline.naming import suite_name
from tf_pipeline.quality.suites import suite_names

# layer → its group in the UI
GROUPS = {"staging": "staging", "intermediate": "intermediate", "marts": "baseline"}
# layer, suite, what the mutated rule asks, what must not be materialised after it
MUTATIONS = [
    (
        "staging",
        "staging.stg_families",
        {"type": "expect_column_values_to_be_in_set",
         "kwargs": {"column": "programme_group", "value_set": ["programme"]}},
        ["intermediate/int_families", "gm/families", "published/gm_baseline"],
    ),
    (
        "intermediate",
        "intermediate.int_family_levels",
        {"type": "expect_column_values_to_be_in_set",
         "kwargs": {"column": "intensity_level", "value_set": ["L1", "L2"]}},
        ["gm/families", "published/gm_baseline"],
    ),
    (
        "marts",
        "gm.need_prevalence",
        {"type": "expect_column_values_to_be_between",
         "kwargs": {"column": "families", "max_value": 1}},
        ["published/gm_baseline"],
    ),
]  # fmt: skip


@pytest.fixture
def prepared(town_copy, tmp_path, monkeypatch) -> Path:
    """A loaded town, this process pointed at it, and suites of the test's own."""
    suites = tmp_path / "expectations"
    shutil.copytree(town_copy.environment["TF_EXPECTATIONS"], suites)
    monkeypatch.setenv("TF_EXPECTATIONS", str(suites))
    return suites


@pytest.mark.parametrize(("layer", "suite", "rule", "absent"), MUTATIONS)
def test_a_shut_gate_stops_everything_behind_it(prepared, town_copy, layer, suite, rule, absent):
    import dagster as dg

    from tf_pipeline.definitions import defs

    path = prepared / f"{suite}.json"
    definition = json.loads(path.read_text())
    definition["expectations"].append(
        rule
        | {
            "id": "00000000-0000-0000-0000-000000000001",
            "severity": "critical",
            "meta": {"why": "A mutation that this data cannot satisfy."},
        }
    )
    path.write_text(json.dumps(definition))
    current = (town_copy.data / "published" / "current").resolve()
    # what lies before the layer is loaded already; the layer and everything after it runs
    order = ["staging", "intermediate", "audit", "baseline"]
    after = dg.AssetSelection.groups(*order[order.index(GROUPS[layer]) :])
    with dg.DagsterInstance.get() as instance:
        result = (
            defs()
            .resolve_job_def("baseline")
            .execute_in_process(
                instance=instance,
                partition_key=MONTHS[-1],
                raise_on_error=False,
                asset_selection=sorted(after.resolve(defs().resolve_asset_graph())),
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
        )
    made = {
        event.asset_key.to_user_string()
        for event in result.all_events
        if event.is_step_materialization
    }
    gated = suite.replace(".", "/")
    assert not result.success
    assert gated not in made
    assert not set(absent) & made
    checks = [
        event.asset_check_evaluation_data
        for event in result.all_events
        if event.event_type_value == "ASSET_CHECK_EVALUATION"
    ]
    (shut,) = [
        c for c in checks if c.asset_key.to_user_string() == gated and c.check_name == "gate"
    ]
    assert not shut.passed
    assert (town_copy.data / "published" / "current").resolve() == current


def test_every_asset_has_a_gate_and_every_gate_a_suite(loaded, monkeypatch):
    monkeypatch.setenv("TF_DATA_DIR", str(loaded.data))
    from tf_pipeline.definitions import defs

    graph = defs().resolve_asset_graph()
    gated = {key.asset_key for key in graph.asset_check_keys if key.name == "gate"}
    assert set(graph.materializable_asset_keys) == gated
    assert {suite_name(list(key.path)) for key in gated} == set(suite_names())


def test_no_materialisation_happened_before_its_gate_passed(loaded, monkeypatch):
    """In the event log of the real load: a passed check of the same run stands before each."""
    import dagster as dg

    monkeypatch.setenv("DAGSTER_HOME", str(loaded.data / "dagster"))
    seen = 0
    with dg.DagsterInstance.get() as instance:
        for run in instance.get_runs():
            passed = set()
            for record in instance.all_logs(run.run_id):
                event = record.dagster_event
                if event is None:
                    continue
                if event.event_type_value == "ASSET_CHECK_EVALUATION":
                    data = event.asset_check_evaluation_data
                    if data.passed or data.severity == dg.AssetCheckSeverity.WARN:
                        passed.add(data.asset_key)
                if event.is_step_materialization:
                    assert event.asset_key in passed, event.asset_key
                    seen += 1
    assert seen > 100
