"""`tf-pipeline check`: the gate of a load at an authority's own desk, and nothing is kept."""

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import MONTHS, SAMPLE
from tests.support.commands import Ran, run_cli, run_cold
from tests.support.delivered import delivered_heading, file_of, of_format
from tf_pipeline.authorities import registry
from tf_pipeline.deliveries import desk_check as checking
from tf_pipeline.errors import UserFacingError

MONTH = MONTHS[-1]
AUTHORITY = of_format("csv")[0]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """An analyst's own folder: files of one delivery, nothing else of the pipeline."""
    folder = tmp_path / "desk"
    shutil.copytree(SAMPLE / MONTH / AUTHORITY, folder / AUTHORITY)
    return folder


def check(data: Path, desk: Path, *more: str, run: Callable[..., Ran] = run_cli) -> Ran:
    files = [str(path) for path in sorted((desk / AUTHORITY).iterdir())]
    return run(data, "check", *files, "--authority", AUTHORITY, "--month", MONTH, *more)


def result_of(files: list[Path]) -> checking.DeskCheckResult:
    """The check itself, with no month to compare with."""
    return checking.check_files(files, AUTHORITY, MONTH, {})


def test_a_good_delivery_would_be_accepted_and_nothing_is_written(desk, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in desk.rglob("*")}
    # as an analyst starts it, from nothing
    ran = check(tmp_path / "data", desk, run=run_cold)
    assert ran.code == 0, ran.output
    assert f"{AUTHORITY} {MONTH}: would be accepted" in ran.output
    assert "There is nothing to fix" in ran.output
    assert not (tmp_path / "data").exists()
    assert {path: path.stat().st_mtime_ns for path in desk.rglob("*")} == before


def test_a_lost_heading_is_named_as_a_load_names_it_with_the_same_pack(desk, tmp_path):
    path = file_of(desk, AUTHORITY, "families")
    encoding = registry.shape(AUTHORITY).datasets["families"].encoding
    content = path.read_text(encoding)
    heading = delivered_heading(content, AUTHORITY, "end_date")
    path.write_text(content.replace(heading, "Finito", 1), encoding)
    ran = check(tmp_path / "data", desk, "--out", str(tmp_path / "pack"))
    assert ran.code == 3, ran.output
    assert "would be held" in ran.output and "'Finito'" in ran.output
    assert not (tmp_path / "data").exists()
    assert "'Finito'" in (tmp_path / "pack/fix-pack.html").read_text("utf-8").replace("&#39;", "'")
    tasks = pl.read_excel(tmp_path / "pack/fix-pack.xlsx", sheet_name="Tasks", engine="calamine")
    assert "HEADING_MISSING" in tasks["Rule"].to_list()


def test_what_the_crosswalks_do_not_know_is_listed_and_stops_nothing(desk):
    path = file_of(desk, AUTHORITY, "families")
    opening = registry.shape(AUTHORITY).datasets["families"]
    lines = path.read_text(opening.encoding).splitlines()
    for number, line in enumerate(lines):
        cell = "Shoe size" if number == opening.header_row - 1 else "42"
        lines[number] = f"{line}{opening.delimiter}{cell}"
    path.write_text("\n".join(lines), opening.encoding)
    found = result_of(list((desk / AUTHORITY).iterdir()))
    assert found.pack.outcome == "accepted"
    assert [(f.rule, f.heading) for f in found.pack.lines] == [("HEADING_UNKNOWN", "Shoe size")]


def test_files_that_are_not_the_delivery_are_refused_with_the_names_expected(tmp_path):
    stranger = tmp_path / "minutes.docx"
    stranger.write_bytes(b"PK")
    found = result_of([stranger])
    assert found.pack.outcome == "rejected"
    assert {task.rule for task in found.pack.tasks} == {"FILE_MISSING"}


def test_one_name_twice_is_no_delivery(desk):
    path = file_of(desk, AUTHORITY, "families")
    with pytest.raises(UserFacingError, match="given twice"):
        result_of([path, path])


def test_what_fails_in_the_program_is_not_said_against_the_delivery(desk, monkeypatch):
    def fail(*_: object) -> None:
        raise ValueError("Jane Doe")

    monkeypatch.setattr(checking, "validate", fail)
    found = result_of([file_of(desk, AUTHORITY, "families")])
    assert not found.is_validated
    assert "Jane" not in str(found.pack)


@pytest.mark.parametrize(
    "wrong", [("--authority", "la99", "--month", MONTH), ("--authority", AUTHORITY, "--month", "x")]
)
def test_a_command_that_is_not_understood_ends_in_two(desk, tmp_path, wrong):
    path = file_of(desk, AUTHORITY, "families")
    assert run_cli(tmp_path / "data", "check", str(path), *wrong).code == 2
