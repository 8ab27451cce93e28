"""The generator writes an unseen authority from its YAML and rows alone."""

from pathlib import Path

import polars as pl
import pytest

from tests.support.eleventh import FAMILIES, FIELDS, MONTH, NEW, SEED, add_eleventh
from tf_pipeline.authorities import registry
from tf_pipeline.ingest.fields import NamedDataset, named_datasets
from tf_pipeline.ingest.open_delivery import open_delivery
from tf_pipeline.rules.month_rules import month_rules
from tf_pipeline.sample.generate import generate
from tf_pipeline.sample.truth import truth


@pytest.fixture
def eleventh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's own authorities and one more; returns an inbox to write to."""
    for name, value in add_eleventh(tmp_path).items():
        monkeypatch.setenv(name, value)
    return tmp_path / "inbox"


def opened(inbox: Path) -> dict[str, NamedDataset]:
    """The new authority's delivery under canonical names, without a finding."""
    found = open_delivery(inbox / MONTH / NEW, registry.shape(NEW), month_rules(NEW, MONTH))
    assert not [finding for one in found for finding in one.rows.findings]
    named = named_datasets(month_rules(NEW, MONTH), registry.shape(NEW).from_workbook, found)
    assert not [heading for one in named.values() for heading in one.unknown]
    return named


def test_unseen_authority_is_written_and_read_back(eleventh: Path) -> None:
    generate(eleventh, [MONTH], FAMILIES, SEED, [NEW])
    expected = truth([MONTH], FAMILIES, SEED, [NEW])[MONTH][NEW]
    found = opened(eleventh)
    assert set(found) == set(FIELDS)
    families = found["families"].frame
    assert families["local_family_id"].n_unique() == expected["families"] == FAMILIES
    is_open = families.filter(
        pl.col("end_date").is_null() & (pl.col("programme_group") == "in")
    ).unique("local_family_id")
    assert is_open.height == expected["open_programme_families"]
    assert found["people"].frame["local_person_id"].is_unique().all()
    unborn = found["people"].frame.filter(pl.col("full_name").str.contains("born$"))
    assert unborn.height and unborn["date_of_birth"].is_not_null().all()


def test_needs_follow_its_own_codes(eleventh: Path) -> None:
    generate(eleventh, [MONTH], FAMILIES, SEED, [NEW])
    expected = truth([MONTH], FAMILIES, SEED, [NEW])[MONTH][NEW]["needs"]
    found = opened(eleventh)
    families = (
        found["families"]
        .frame.filter(pl.col("end_date").is_null() & (pl.col("programme_group") == "in"))
        .select(pl.col("local_family_id").unique())
    )
    needs = found["needs"].frame.join(families, on="local_family_id", how="semi")
    for code, letter in enumerate("abcdef", start=1):
        codes = needs.filter(pl.col("need") == letter)["need_status"]
        assert (codes == "1").sum() == expected[code]["yes"]
        assert (codes == "0").sum() == expected[code]["no"] + expected[code]["not_held"]
    assert expected[1]["no"] == 0 < expected[1]["not_held"]
    assert expected[2]["not_held"] == 0 < expected[2]["no"]


def test_levels_follow_its_own_hours(eleventh: Path) -> None:
    generate(eleventh, [MONTH], FAMILIES, SEED, [NEW])
    levels = truth([MONTH], FAMILIES, SEED, [NEW])[MONTH][NEW]["intensity"]
    assert levels["L2"] == 0 < min(levels["L1"], levels["L3"])
    hours = opened(eleventh)["interventions"].frame["hours_per_week"].cast(pl.Float64)
    assert hours.min() < 3 <= hours.max()
