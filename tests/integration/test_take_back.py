"""A delivery that passes its own gate and shuts a later one: it is held, and the others go on."""

import json
import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.conftest import MONTHS, SAMPLE
from tests.support.delivered import (
    delivered_heading,
    file_of,
    lines_of,
    never_sent,
    rewrite,
    text_authorities,
)
from tf_pipeline.authorities import registry
from tf_pipeline.deliveries.delivery_register import entries
from tf_pipeline.naming import delivery_key

MONTH, EARLIER = MONTHS[-1], MONTHS[0]
# two of those that send text: one had sent a good delivery for the month, one had not
CORRECTED, NEW = text_authorities()[:2]


def without_starts(folder: Path, authority: str) -> None:
    """Blanks every start date of the families: Gate 1 looks at filled cells only."""
    path = file_of(folder, authority, "families")
    lines = lines_of(path, authority, "families")
    delimiter = registry.shape(authority).datasets["families"].delimiter
    heading = delivered_heading("\n".join(lines), authority, "start_date")
    place = lines[0].split(delimiter).index(heading)
    changed = [lines[0]]
    for line in lines[1:]:
        cells = line.split(delimiter)
        cells[place] = ""
        changed.append(delimiter.join(cells))
    rewrite(path, authority, "families", changed)


def forgotten(data: Path, authority: str) -> None:
    """As if an authority had never sent anything for the month."""
    never_sent(data, f"authority = '{authority}' and month = '{MONTH}'")
    register = data / "landing/register.jsonl"
    kept = [
        line
        for line in register.read_text().splitlines()
        if (json.loads(line)["authority"], json.loads(line)["month"]) != (authority, MONTH)
    ]
    register.write_text("\n".join(kept) + "\n")


@pytest.fixture(scope="module")
def story(loaded, tmp_path_factory):
    """A month of which two deliveries shut a gate of staging, built once for all that look."""

    import dagster as dg

    folder = tmp_path_factory.mktemp("taken_back")
    data = folder / "data"
    shutil.copytree(loaded.data, data, symlinks=True, ignore=shutil.ignore_patterns("dagster"))
    shutil.copytree(SAMPLE / MONTH, folder / "inbox" / MONTH)
    forgotten(data, NEW)
    for authority in (CORRECTED, NEW):
        without_starts(folder / "inbox" / MONTH, authority)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TF_DATA_DIR", str(data))
        patched.setenv("DAGSTER_HOME", str(data / "dagster"))
        from tf_pipeline.definitions import defs
        from tf_pipeline.defs.instance import prepare_home
        from tf_pipeline.defs.run_month import build_baseline
        from tf_pipeline.deliveries.intake import ingest_delivery

        prepare_home()
        taken = [ingest_delivery(a, MONTH, folder / "inbox").outcome for a in (CORRECTED, NEW)]
        result = build_baseline(defs(), MONTH, "")
        of_the_month = {a: entries(MONTH, a) for a in (CORRECTED, NEW)}
        with dg.DagsterInstance.get() as instance:
            key = dg.AssetCheckKey(dg.AssetKey(delivery_key(CORRECTED)), "gate")
            checks = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
    current = (data / "published/current").resolve() / "gm_baseline.duckdb"
    with duckdb.connect(str(current), read_only=True) as published:
        yield data, taken, result, published, of_the_month, checks


def test_both_pass_their_own_gate_and_the_month_is_published_without_them(story):
    _, taken, result, published, _, _ = story
    assert [one.value for one in taken] == ["accepted", "accepted"]
    assert result.published, result.stopped
    said = published.execute(
        "select distinct authority, outcome, as_of_month from gm.deliveries "
        "where month = ? order by authority",
        [MONTH],
    ).fetchall()
    wanted = [
        (a, *{NEW: ("held", EARLIER), CORRECTED: ("held", MONTH)}.get(a, ("accepted", MONTH)))
        for a in registry.authorities()
    ]
    assert said == wanted


def test_what_stands_of_them_is_what_stood_before(story, baseline):
    published = story[3]
    query = (
        "select family_key, start_date, intensity_level from gm.families "
        "where authority = ? and month = ? order by all"
    )
    for authority, month in ((CORRECTED, MONTH), (NEW, EARLIER)):
        stands = published.execute(query, [authority, MONTH]).fetchall()
        stood = baseline.execute(query, [authority, month]).fetchall()
        assert [row[:2] for row in stands] == [row[:2] for row in stood]
        assert len(stands) > 5


def test_the_authority_is_told_what_and_where(story):
    data, _, _, published, of_the_month, checks = story
    for authority in (CORRECTED, NEW):
        file_name, heading, severity, message = published.execute(
            "select file_name, heading, severity, message from gm.work_list "
            "where authority = ? and month = ? and rule = 'LATER_GATE'",
            [authority, MONTH],
        ).fetchall()[0]
        assert severity == "critical" and file_name and heading
        assert "Expected" in message and "stg_families" in message, message
        reasons = json.loads((data / "quarantine" / MONTH / authority / "reasons.json").read_text())
        assert reasons["rules"] == ["LATER_GATE"]
        assert of_the_month[authority][-1].outcome == "held"
        pack = (data / "packs" / MONTH / authority / "fix-pack.html").read_text()
        stands = {
            CORRECTED: "The earlier delivery of this month stays current",
            NEW: f"The delivery of {EARLIER} is carried forward",
        }
        assert "held" in pack and stands[authority] in pack
    (check,) = checks
    evaluation = check.event.dagster_event.event_specific_data
    assert not evaluation.passed and "Taken back" in evaluation.description


def test_a_rule_that_everybody_fails_is_nobodys_fault(loaded, monkeypatch):
    """A rule or reference data that is wrong holds no delivery."""
    from tf_pipeline.deliveries import attribute_failures
    from tf_pipeline.quality.gate import run_gate

    monkeypatch.setenv("TF_DATA_DIR", str(loaded.data))
    key = ["staging", "stg_families"]
    with duckdb.connect(str(loaded.data / "warehouse/warehouse.duckdb"), read_only=True) as opened:
        frame = attribute_failures.table_frame(opened, key, MONTH, also=("authority", "row_number"))

        def asked(spoilt: list[str]) -> dict:

            blank = pl.when(~pl.col("authority").is_in(spoilt)).then("start_date")
            bad = frame.with_columns(blank.alias("start_date"))
            monkeypatch.setattr(attribute_failures, "table_frame", lambda *_, **__: bad)
            gate = run_gate("staging.stg_families", {"": bad})
            assert gate.outcome.value == "failed"
            return attribute_failures.attribute_failures(opened, MONTH, [(key, gate)])

        assert set(asked([NEW])) == {NEW}
        assert set(asked([NEW, CORRECTED])) == {NEW, CORRECTED}
        assert asked(registry.authorities()) == {}
