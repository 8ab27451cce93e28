"""The pages a lead opens: complete, without values, and without a network."""

import json
import re
from pathlib import Path

import polars as pl
import pytest

from tf_pipeline import paths
from tf_pipeline.quality.gate import run_gate
from tf_pipeline.quality.gate_pages import write_gate_pages
from tf_pipeline.quality.gate_result import GateResult

SURNAME = "Zzyzxworth"
NINO = "QQ123456C"
# an address that a browser would fetch by itself
FETCHED = re.compile(r"""(?:src|href|url\()\s*=?\s*["']?(?:https?:)?//""")


@pytest.fixture
def result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GateResult:
    monkeypatch.setenv("TF_EXPECTATIONS", str(tmp_path / "expectations"))
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path / "data"))
    rules = [
        ("people", "expect_table_row_count_to_be_between", {"min_value": 1}),
        (
            "people",
            "expect_column_values_to_match_regex",
            {"column": "surname", "regex": "^(?<!b)A"},
        ),
        ("people", "expect_column_values_to_be_in_set", {"column": "nino", "value_set": ["-"]}),
        ("people", "expect_column_values_to_be_between", {"column": "surname", "min_value": 1}),
        ("people", "expect_column_values_to_not_be_null", {"column": "sex"}),
        ("nis", "expect_column_to_exist", {"column": "sex"}),
    ]
    suite = {
        "name": "published.tried",
        "expectations": [
            {
                "id": f"rule-{number}",
                "type": kind,
                "severity": "critical",
                "kwargs": kwargs,
                "meta": {"why": f"why <b>{number}</b>", "dataset": dataset, "optional": True},
            }
            for number, (dataset, kind, kwargs) in enumerate(rules)
        ],
    }
    paths.expectations_dir().mkdir()
    path = paths.expectations_dir() / "published.tried.json"
    path.write_text(json.dumps(suite), encoding="utf-8")
    people = pl.DataFrame(
        {"row_number": [41, 42], "surname": ["Able", SURNAME], "nino": ["-", NINO]}
    )
    return run_gate("published.tried", {"people": people})


def pages() -> dict[str, str]:
    folder = paths.gate_pages_dir()
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_page_says_what_failed_and_why(result: GateResult) -> None:
    index = write_gate_pages([result], "Sample load", "2016-04")
    assert index == paths.gate_pages_dir() / "index.html"
    page = pages()["2016-04/published.tried.html"]
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "could not run" in text
    assert "failed: 1 of 2 values fail, all must pass" in text
    assert "the column is missing" in text
    assert "did not apply" in text
    assert "there are at least 1 rows" in text
    assert "why &lt;b&gt;1&lt;/b&gt;" in text
    assert re.search(r"\b42\b", text)


def test_no_value_is_in_any_file(result: GateResult) -> None:
    write_gate_pages([result], "Sample load", "2016-04")
    for name, content in pages().items():
        assert SURNAME not in content, name
        assert NINO not in content, name


def test_every_page_opens_without_a_network(result: GateResult) -> None:
    write_gate_pages([result], "Sample load", "2016-04")
    html = {name: content for name, content in pages().items() if name.endswith(".html")}
    assert set(html) == {"index.html", "2016-04/index.html", "2016-04/published.tried.html"}
    for name, content in html.items():
        assert not FETCHED.search(content), name
        assert "<script" not in content, name
        for target in re.findall(r'href="([^"#]+)"', content):
            assert (paths.gate_pages_dir() / name).parent.joinpath(target).exists(), (name, target)


def test_stale_pages_of_this_month_alone_are_cleared(result: GateResult) -> None:
    write_gate_pages([result], "Sample load", "2016-04")
    write_gate_pages([result], "Sample load", "2016-05")
    stale = paths.gate_pages_dir() / "2016-05" / "marts.gone.html"
    stale.write_text("stale", encoding="utf-8")
    write_gate_pages([result], "Sample load", "2016-05")
    assert not stale.exists()
    assert "2016-04/published.tried.html" in pages()
    index = pages()["index.html"]
    assert index.index("2016-05/index.html") < index.index("2016-04/index.html")
    assert "1 could not run" in index


def test_gates_can_be_added_one_after_the_other(result: GateResult) -> None:
    from dataclasses import replace

    write_gate_pages([result], "Sample load", "2016-04")
    added = replace(result, suite="marts.families")
    write_gate_pages([added], "Sample load", "2016-04", replace_month=False)
    month = pages()["2016-04/index.html"]
    assert "published.tried.html" in month
    assert "marts.families.html" in month
