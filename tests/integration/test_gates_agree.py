"""What set operations find is what Great Expectations finds: every suite, on good and spoilt data.

The frames are those that the gates of a load see: deliveries as they are opened, tables as they
were built, a release before it is published.
"""

import os
import shutil
from collections import Counter
from collections.abc import Mapping

import duckdb
import polars as pl
import pytest

from tests.conftest import MONTHS, SAMPLE
from tf_pipeline.authorities import registry
from tf_pipeline.naming import suite_name
from tf_pipeline.quality import gate as gates
from tf_pipeline.quality import set_based
from tf_pipeline.quality.suites import read_suite, suite_names
from tf_pipeline.vocabulary import GateOutcome

MONTH = MONTHS[-1]
BUILT = ("reference", "staging", "intermediate", "audit", "gm", "restricted")
# one way of spoiling data; `make stress` tries them all
WAYS = ("mixed", "blank", "twice", "wrong", "empty")[: int(os.environ.get("TF_SPOILT", "1"))]
WRONG = {pl.String: "no such word\n", pl.Date: None, pl.Boolean: None}


class Asked:
    """What a gate was asked, kept on the way into the real one."""

    def __init__(self) -> None:
        self.of: dict[str, tuple] = {}

    def __call__(self, suite, frames, *others):
        self.of[suite] = (dict(frames), *others)
        return gates.run_gate(suite, frames, *others)


def both(suite: str, asked: tuple, monkeypatch) -> tuple[gates.GateResult, gates.GateResult]:
    """By set operations first, and by Great Expectations alone."""
    quick = gates.run_gate(suite, *asked)
    with monkeypatch.context() as patched:
        patched.setenv(gates.ENGINE, gates.GX)
        return quick, gates.run_gate(suite, *asked)


def spoilt(frame: pl.DataFrame, way: str) -> pl.DataFrame:
    """The frame with some rows blank, wrong or there twice, or with no row at all."""
    if way == "empty" or not frame.height:
        return frame.clear()
    if way == "twice":
        return pl.concat([frame, frame])
    if way == "mixed":
        frame = pl.concat([frame, frame.head(3)])
    third = pl.int_range(pl.len()) % 3
    kept = [c for c in frame.columns if c != "row_number"]
    wrong = [
        pl.when(third != 1).then(pl.col(c)).otherwise(_wrong(frame[c].dtype)).alias(c) for c in kept
    ]
    blank = [pl.when(third != 2).then(pl.col(c)).alias(c) for c in kept]
    if way in ("mixed", "wrong"):
        frame = frame.with_columns(wrong)
    return frame.with_columns(blank) if way in ("mixed", "blank") else frame


def _wrong(kind: pl.DataType) -> pl.Expr:
    if kind.is_numeric():
        return pl.lit(-1).cast(kind, strict=False)
    return pl.lit(WRONG.get(kind.base_type()), kind if kind == pl.String else None)


@pytest.fixture(scope="module")
def asked(loaded, tmp_path_factory) -> Mapping[str, tuple]:
    """Suite → the frames and parameters that its gate is given in a load of the sample."""
    from tf_pipeline.deliveries import validate
    from tf_pipeline.quality.table_gates import table_frame
    from tf_pipeline.releases import release_gate

    kept = Asked()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TF_DATA_DIR", str(loaded.data))
        patched.setattr(validate, "run_gate", kept)
        patched.setattr(release_gate, "run_gate", kept)
        for authority in registry.authorities():
            shape = registry.shape(authority)
            validate.validate(authority, MONTH, shape, SAMPLE / MONTH / authority, {})
        copy = tmp_path_factory.mktemp("release")
        for name in ("gm_baseline", "gm_shared_baseline"):
            shutil.copyfile(loaded.data / f"published/current/{name}.duckdb", copy / name)
            (copy / name).chmod(0o600)
        with duckdb.connect(str(copy / "gm_baseline")) as release:
            release.execute(f"attach '{copy / 'gm_shared_baseline'}' as shared")
            release_gate.ReleaseGate(MONTH)(release)
        with duckdb.connect(str(loaded.data / "warehouse/warehouse.duckdb"), read_only=True) as w:
            for suite in suite_names():
                schema, table = suite.split(".", 1)
                if schema in BUILT:
                    kept.of[suite] = ({"": table_frame(w, [schema, table], MONTH)},)
    return kept.of


def test_every_suite_but_that_of_what_stands_is_asked(asked):
    assert set(suite_names()) - set(asked) == {suite_name(["raw", "standing"])}


def test_on_good_data_both_find_the_same_and_nothing_is_left_to_the_other(asked, monkeypatch):
    left: Counter[str] = Counter()
    for suite, of in asked.items():
        quick, reference = both(suite, of, monkeypatch)
        assert quick.rules == reference.rules, suite
        assert quick.outcome is reference.outcome is GateOutcome.PASSED, suite
        values = {**(read_suite(suite).get("suite_parameters") or {}), **(dict(*of[1:2]) or {})}
        for rule, said in zip(read_suite(suite)["expectations"], quick.rules, strict=True):
            frame = of[0].get(rule["meta"].get("dataset", ""), next(iter(of[0].values())))
            if said.passed and not set_based.answers([rule], frame, values):
                left[rule["type"]] += 1
    assert not left


@pytest.mark.parametrize("way", WAYS)
def test_on_spoilt_data_both_find_the_same(asked, monkeypatch, way):
    outcomes: Counter[GateOutcome] = Counter()
    for suite, (frames, *others) in asked.items():
        bad = {name: spoilt(frame, way) for name, frame in frames.items()}
        quick, reference = both(suite, (bad, *others), monkeypatch)
        assert quick.rules == reference.rules, suite
        assert quick.outcome is reference.outcome, suite
        outcomes[quick.outcome] += 1
    # the grain of a seed is not in its suite, so rows that come twice pass there
    assert outcomes[GateOutcome.FAILED] > len(asked) / 3
