"""What a suite file must have, and the message where it has not."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tf_pipeline.quality.gx_check import check_with_gx
from tf_pipeline.quality.suites import (
    SuiteProblem,
    arguments_to_show,
    read_suite,
    suite_names,
)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict]:
    """Writes marts.families.json with one expectation changed, and returns what it wrote."""
    monkeypatch.setenv("TF_EXPECTATIONS", str(tmp_path))

    def write_suite(without: str = "", **changes: object) -> dict:
        expectation: dict = {
            "id": "7b0f",
            "type": "expect_column_values_to_not_be_null",
            "severity": "critical",
            "kwargs": {"column": "family_key"},
            "meta": {"why": "a family without a key cannot be found again"},
        }
        expectation |= changes
        expectation.pop(without, None)
        suite = {"name": "marts.families", "expectations": [expectation]}
        (tmp_path / "marts.families.json").write_text(json.dumps(suite), encoding="utf-8")
        return suite

    return write_suite


def problem(name: str = "marts.families") -> str:
    with pytest.raises(SuiteProblem) as caught:
        check_with_gx(read_suite(name))
    assert str(caught.value).startswith(f"expectations/{name}.json: ")
    return caught.value.what


def test_reads_what_was_written(write: Callable[..., dict]) -> None:
    written = write()
    assert read_suite("marts.families") == written
    check_with_gx(written)


def test_templates_are_no_suites(write: Callable[..., dict], tmp_path: Path) -> None:
    write()
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "delivery.json").write_text("{}", encoding="utf-8")
    assert suite_names() == ["marts.families"]


def test_absent_and_unreadable_files_are_named(write: Callable[..., dict], tmp_path: Path) -> None:
    write()
    assert "does not exist" in problem("marts.people")
    (tmp_path / "marts.people.json").write_text('{"name": ', encoding="utf-8")
    assert "cannot be read" in problem("marts.people")
    (tmp_path / "marts.people.json").write_text('{"name": "marts.people"}', encoding="utf-8")
    assert "no expectations" in problem("marts.people")
    text = (tmp_path / "marts.families.json").read_text(encoding="utf-8")
    (tmp_path / "marts.people.json").write_text(text, encoding="utf-8")
    assert "is 'marts.families'" in problem("marts.people")


@pytest.mark.parametrize("part", ["severity", "meta", "id", "type", "kwargs"])
def test_each_expectation_has_all_its_parts(write: Callable[..., dict], part: str) -> None:
    write(without=part)
    assert (part if part != "meta" else "meta.why") in problem()


def test_severity_is_one_of_three(write: Callable[..., dict]) -> None:
    write(severity="blocker")
    assert "critical, warning, info" in problem()


def test_unknown_types_and_arguments_are_named(write: Callable[..., dict]) -> None:
    write(type="expect_column_values_to_be_nice")
    assert "unknown expectation type" in problem()
    write(kwargs={"column": "family_key", "mostley": 0.9})
    assert "unknown argument 'mostley'" in problem()
    write(kwargs={"column": "family_key", "mostly": 9})
    assert "invalid arguments: mostly" in problem()
    write(kwargs={})
    assert "invalid arguments: column" in problem()


def test_parameters_are_declared_plain_names(write: Callable[..., dict]) -> None:
    write(kwargs={"column": "family_key", "mostly": {"$PARAMETER": "share"}})
    assert problem().endswith("unknown parameter 'share'")
    write(kwargs={"column": "family_key", "mostly": {"$PARAMETER": "1 - share"}})
    assert "not a plain name" in problem()


def test_row_conditions_in_text_are_refused(write: Callable[..., dict]) -> None:
    write(kwargs={"column": "family_key", "row_condition": 'col("month") == "2016-04"'})
    assert "condition object" in problem()


def test_a_list_given_at_run_time_is_shown_as_its_size() -> None:
    expectation = {"kwargs": {"column": "sex", "value_set": {"$PARAMETER": "words"}}}
    shown = arguments_to_show(expectation, {"words": ["F", "M"]})
    assert shown == {"column": "sex", "value_set": ["2 accepted (words)"]}
