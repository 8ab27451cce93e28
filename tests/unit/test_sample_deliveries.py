"""Generated deliveries as the reader sees them: every authority opens without a finding."""

from pathlib import Path

import polars as pl
import pytest

from tf_pipeline.authorities import registry
from tf_pipeline.ingest.fields import NamedDataset, named_datasets
from tf_pipeline.ingest.open_delivery import open_delivery
from tf_pipeline.naming import REASON, words_key
from tf_pipeline.rules.frameworks import framework_in_force, need_fields
from tf_pipeline.rules.month_rules import month_rules
from tf_pipeline.sample.__main__ import main
from tf_pipeline.sample.dialect import SampleProblem, dialect, only_with_issues
from tf_pipeline.sample.generate import generate
from tf_pipeline.sample.population import population
from tf_pipeline.sample.snapshot import snapshot
from tf_pipeline.sample.truth import truth
from tf_pipeline.sample.unborn import meets

MONTHS = ["2016-04", "2016-05"]
TEN_OUTCOMES = "2022-11"
FAMILIES, SEED = 120, 5
COMMITTED = Path(__file__).parents[2] / "data" / "inbox"


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inbox")
    generate(folder, MONTHS, FAMILIES, SEED)
    return folder


def named(folder: Path, authority: str, month: str) -> dict[str, NamedDataset]:
    """A delivery under canonical names; fails where the reader finds anything wrong."""
    opened = open_delivery(
        folder / month / authority, registry.shape(authority), month_rules(authority, month)
    )
    assert not [finding for one in opened for finding in one.rows.findings]
    found = named_datasets(
        month_rules(authority, month), registry.shape(authority).from_workbook, opened
    )
    assert not [h for one in found.values() for h in one.unknown]
    assert not [h for one in found.values() for h in one.ambiguous]
    # a small authority may have no claim yet
    assert all(one.rows.accepted.height for one in opened if one.dataset != "claims")
    return found


@pytest.mark.parametrize("month", MONTHS)
@pytest.mark.parametrize("authority", registry.authorities())
def test_delivery_opens_without_a_finding(inbox: Path, authority: str, month: str) -> None:
    found = named(inbox, authority, month)
    shape = registry.shape(authority)
    assert set(found) == {name for name, one in shape.datasets.items() if not one.optional}
    for dataset, one in found.items():
        crosswalk = month_rules(authority, month).crosswalk.filter(
            (pl.col("dataset") == dataset) & (pl.col("field") != "IGNORE")
        )
        assert set(one.headings) == set(crosswalk["field"])


@pytest.mark.parametrize("month", MONTHS)
@pytest.mark.parametrize("authority", registry.authorities())
def test_committed_sample_opens_without_a_finding(authority: str, month: str) -> None:
    assert named(COMMITTED, authority, month)


@pytest.fixture(scope="module")
def ten_outcomes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ten")
    generate(folder, [TEN_OUTCOMES], FAMILIES, SEED)
    return folder


@pytest.mark.parametrize("authority", registry.authorities())
def test_a_month_under_ten_outcomes_opens_without_a_finding(
    ten_outcomes: Path, authority: str
) -> None:
    needs = named(ten_outcomes, authority, TEN_OUTCOMES)["needs"]
    columns = {field for field in needs.headings if field in need_fields()}
    in_force = framework_in_force(TEN_OUTCOMES).needs
    assert columns in (set(), {f"need_{code}" for code in in_force})
    if "need" in needs.headings:
        assert needs.frame["need"].n_unique() == len(in_force)


def test_the_committed_sample_is_what_the_generator_writes(tmp_path: Path) -> None:
    generate(tmp_path, MONTHS, 300, 7)
    written = {f.relative_to(tmp_path): f for f in tmp_path.rglob("*") if f.is_file()}
    assert written.keys() == {f.relative_to(COMMITTED) for f in COMMITTED.rglob("*") if f.is_file()}
    assert not [
        name for name, f in written.items() if f.read_bytes() != (COMMITTED / name).read_bytes()
    ]


def test_families_are_those_of_the_truth(inbox: Path) -> None:
    expected = truth(MONTHS, FAMILIES, SEED)
    for month in MONTHS:
        for authority, figures in expected[month].items():
            ids = named(inbox, authority, month)["families"].frame["local_family_id"]
            assert ids.is_unique().all()
            assert ids.len() == figures["families"]
            assert ids.str.contains("SYN").all()
            assert sum(figures["intensity"].values()) == figures["open_programme_families"]
            for statuses in figures["needs"].values():
                assert sum(statuses.values()) == figures["open_programme_families"]
    assert sum(f["families"] for f in expected[MONTHS[0]].values()) == FAMILIES


def test_same_arguments_same_bytes_and_a_second_run_replaces(inbox: Path, tmp_path: Path) -> None:
    generate(tmp_path, MONTHS[:1], FAMILIES // 4, SEED + 1)
    generate(tmp_path, MONTHS, FAMILIES, SEED)
    files = sorted(f.relative_to(inbox) for f in inbox.rglob("*") if f.is_file())
    assert files == sorted(f.relative_to(tmp_path) for f in tmp_path.rglob("*") if f.is_file())
    assert [f for f in files if (inbox / f).read_bytes() != (tmp_path / f).read_bytes()] == []


def test_kinds_of_trouble_are_there(inbox: Path) -> None:
    reasons: set[str] = set()
    drifted: set[str] = set()
    typed_oddly = False
    for authority in registry.authorities():
        seen = []
        for month in MONTHS:
            shape = registry.shape(authority)
            opened = open_delivery(inbox / month / authority, shape, month_rules(authority, month))
            reasons |= {r for one in opened for r in one.rows.set_aside[REASON]}
            seen.append({words_key(h) for one in opened for h in one.rows.headings})
            spelt = set(month_rules(authority, month).crosswalk["heading"])
            typed_oddly |= any(
                h not in spelt and words_key(h) in {words_key(s) for s in spelt}
                for one in opened
                for h in one.rows.headings
            )
        drifted |= seen[0] ^ seen[1]
    assert reasons == {"BLANK_ROW", "TOTALS_ROW", "EXACT_COPY"}
    assert drifted and typed_oddly


def test_unborn_children_are_marked_by_each_authority_s_own_rule(inbox: Path) -> None:
    month = MONTHS[0]
    everyone = population(FAMILIES, registry.authorities(), MONTHS, SEED)
    sparing = [a for a in registry.authorities() if only_with_issues(a, month)]
    people = snapshot(everyone, month, sparing)["people"].filter("is_unborn_person")
    for authority in registry.authorities():
        rules = dialect(authority, month, SEED).declared["unborn_when"]
        frame = named(inbox, authority, month)["people"].frame
        marked = sum(
            any(row[s.split(".")[1]] and meets(r, row[s.split(".")[1]]) for s, r in rules.items())
            for row in frame.iter_rows(named=True)
        )
        assert marked == people.filter(pl.col("authority") == authority).height, authority


def test_a_folder_with_real_files_is_left_alone(tmp_path: Path) -> None:
    authority = registry.authorities()[0]
    real = tmp_path / MONTHS[0] / authority / "families.csv"
    real.parent.mkdir(parents=True)
    real.write_text("not ours", "utf-8")
    with pytest.raises(SampleProblem, match="not generated"):
        generate(tmp_path, MONTHS[:1], 20, 1, [authority])
    assert real.read_text("utf-8") == "not ours"


def test_the_command_writes_and_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    authority = registry.authorities()[0]
    arguments = ["--months", MONTHS[0], "--families", "10", "--out", str(tmp_path)]
    assert main([*arguments, "--authorities", authority]) == 0
    assert "SYNTHETIC" in (tmp_path / MONTHS[0] / authority / "cover.md").read_text("utf-8")
    assert main([*arguments, "--authorities", "nobody"]) == 1
    assert "nobody.yml" in capsys.readouterr().err
