"""An eleventh authority is loaded with rows, a YAML and a stamped suite: no line of code."""

from tests.support.commands import run_cli
from tests.support.eleventh import FAMILIES, MONTH, NEW, SEED, add_eleventh
from tf_pipeline.sample.generate import generate
from tf_pipeline.sample.truth import truth


def test_an_unseen_authority_is_gated_harmonised_and_published(tmp_path, monkeypatch):
    environment = add_eleventh(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    inbox = tmp_path / "inbox"
    generate(inbox, [MONTH], FAMILIES, SEED, [NEW])
    expected = truth([MONTH], FAMILIES, SEED, [NEW])[MONTH][NEW]
    data = tmp_path / "data"
    stamped = run_cli(data, "stamp", NEW, **environment)
    assert stamped.code == 0, stamped.output
    ran = run_cli(data, "load", MONTH, "--inbox", str(inbox), **environment)
    # the ten others delivered nothing, and are named
    assert ran.code == 3, ran.output
    assert f"{NEW}: accepted" in ran.output
    with ran.published() as baseline:
        levels = baseline.execute(
            "select intensity_level, families from gm.intensity_summary where authority = ?", [NEW]
        ).fetchall()
        assert dict(levels) == expected["intensity"]
        needs = baseline.execute(
            'select need_code, yes, "no", not_known, not_held from gm.need_prevalence '
            "where authority = ?",
            [NEW],
        ).fetchall()
        names = ["yes", "no", "not_known", "not_held"]
        assert {c: dict(zip(names, n, strict=True)) for c, *n in needs} == expected["needs"]
        unborn = baseline.execute("select count(*) from gm.people where is_unborn").fetchone()[0]
        assert unborn > 0
        lines = baseline.execute(
            "select rule from gm.work_list where authority = ? and severity = 'critical'", [NEW]
        ).fetchall()
        assert lines == []
