"""For every suite, data that it must refuse: its check fails and its asset is not materialised.

What was really built or delivered is spoilt on its way into the gate, against one critical rule of
the suite; the gate, its thresholds and Dagster are the real ones.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import MONTHS, copy_data
from tests.support.commands import REPO
from tf_pipeline.naming import suite_name
from tf_pipeline.quality import gate as gates
from tf_pipeline.quality.suites import read_suite, suite_names

WRONG = "no such word"
# the easiest to spoil come first
SPOILT_BY = [
    "expect_column_values_to_not_be_null",
    "expect_column_values_to_be_in_set",
    "expect_column_values_to_match_regex",
    "expect_column_distinct_values_to_contain_set",
    "expect_column_to_exist",
    "expect_table_row_count_to_be_between",
    "expect_column_values_to_be_between",
    "expect_compound_columns_to_be_unique",
    "expect_column_values_to_be_unique",
]
# layer → what is gated in it, in the order of a load
STEPS = ["deliveries", "reference", "standing", "staging", "key_map", "intermediate", "audit",
         "baseline", "published"]  # fmt: skip
REAL = gates.run_gate


def rule_to_break(suite: str) -> dict:
    rules = [e for e in read_suite(suite)["expectations"] if e["severity"] == "critical"]
    known = [e for e in rules if e["type"] in SPOILT_BY and "row_condition" not in e["kwargs"]]
    assert known, f"{suite} has no critical rule that can be broken"
    return min(known, key=lambda e: SPOILT_BY.index(e["type"]))


def spoilt(frame: pl.DataFrame, rule: Mapping) -> pl.DataFrame:
    """The frame with every row against the rule; a table of no rows gets one."""
    kind, column = rule["type"], rule["kwargs"].get("column")
    if kind == "expect_column_to_exist":
        return frame.drop(column)
    if kind == "expect_table_row_count_to_be_between":
        return frame.clear()
    frame = frame if frame.height else frame.clear(1)
    if kind.endswith("_unique"):
        return pl.concat([frame, frame])
    if kind == "expect_column_values_to_not_be_null":
        return frame.with_columns(pl.lit(None, frame[column].dtype).alias(column))
    is_text = frame[column].dtype == pl.String
    wrong = pl.lit(WRONG) if is_text else pl.lit(-(10**9))
    return frame.with_columns(wrong.alias(column))


class Spoiler:
    """Stands before the real gate; `suites` are spoilt, `broken` says by which rule."""

    def __init__(self) -> None:
        self.suites: set[str] = set()
        self.broken: dict[str, str] = {}
        self.failed: dict[str, set[str]] = {}

    def __call__(self, suite, frames, *others):
        if suite in self.suites:
            rule = rule_to_break(suite)
            dataset = rule["meta"].get("dataset", gates.ONLY_TABLE)
            frames = {**frames, dataset: spoilt(frames[dataset], rule)}
            self.broken[suite] = rule["id"]
        result = REAL(suite, frames, *others)
        self.failed[suite] = {one.expectation_id for one in result.failed_rules}
        return result


@pytest.fixture(scope="module")
def data(loaded, tmp_path_factory) -> Path:
    return copy_data(loaded.data, tmp_path_factory.mktemp("suites") / "data")


@pytest.fixture
def spoiler(data, monkeypatch) -> Iterator[Spoiler]:
    spoiler = Spoiler()
    monkeypatch.setenv("TF_DATA_DIR", str(data))
    monkeypatch.setenv("TF_INBOX", str(REPO / "data" / "inbox"))
    monkeypatch.setenv("DAGSTER_HOME", str(data / "dagster"))
    for module in (
        "quality.gate",
        "deliveries.validate",
        "quality.table_gates",
        "releases.release_gate",
    ):
        monkeypatch.setattr(f"tf_pipeline.{module}.run_gate", spoiler)
    yield spoiler


def assets_of(step: str) -> list:
    """Keys of the gated assets of one step of a load."""
    from tf_pipeline.definitions import defs

    graph = defs().resolve_asset_graph()
    keys = graph.materializable_asset_keys
    ahead = {"raw/standing": "standing", "restricted/key_map": "key_map"}

    def step_of(key) -> str:
        name = key.to_user_string()
        group = graph.get(key).group_name
        return ahead.get(name) or ("published" if key.path[0] == "published" else group)

    return sorted(key for key in keys if step_of(key) == step)


@pytest.mark.parametrize("step", STEPS)
def test_each_suite_of_a_step_refuses_and_nothing_of_it_is_materialised(step, data, spoiler):
    import dagster as dg

    from tf_pipeline.definitions import defs
    from tf_pipeline.defs.run_tags import AGAIN

    keys = assets_of(step)
    assert keys
    spoiler.suites = {suite_name(list(key.path)) for key in keys}
    current = (data / "published" / "current").resolve()
    with dg.DagsterInstance.get() as instance:
        result = (
            defs()
            .resolve_job_def("deliveries" if step == "deliveries" else "baseline")
            .execute_in_process(
                instance=instance,
                partition_key=MONTHS[-1],
                raise_on_error=False,
                asset_selection=keys,
                # what stands is not judged again unless somebody says so
                tags={AGAIN: "yes"},
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
        )
    assert not result.success
    assert not [event.asset_key for event in result.all_events if event.is_step_materialization]
    assert set(spoiler.broken) == spoiler.suites
    for suite, rule in spoiler.broken.items():
        assert rule in spoiler.failed[suite], suite
    refused = {
        check.asset_key
        for event in result.all_events
        if event.event_type_value == "ASSET_CHECK_EVALUATION"
        for check in [event.asset_check_evaluation_data]
        if check.check_name == "gate" and not check.passed
    }
    assert refused == set(keys)
    assert (data / "published" / "current").resolve() == current


def test_every_suite_belongs_to_a_step(data, spoiler):
    gated = {suite_name(list(key.path)) for step in STEPS for key in assets_of(step)}
    assert gated == set(suite_names())
