"""The process that opens files: what kills it rejects one delivery, and the next one is opened."""

import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter

from tf_pipeline import paths
from tf_pipeline.authorities.spec import AuthorityShape
from tf_pipeline.ingest import opening_process
from tf_pipeline.ingest.bounds import BoundsProblem, bounds
from tf_pipeline.ingest.delivery_problem import DeliveryProblem
from tf_pipeline.ingest.open_delivery import open_delivery
from tf_pipeline.ingest.opening_process import OpeningFailed
from tf_pipeline.rules.month_rules import month_rules

DIES = "import os, sys; os.read(int(sys.argv[1]), 4); os.abort()"
WAITS = "import time; time.sleep(600)"
RULES = month_rules("x", "2016-04")


def shape_of(**datasets: dict) -> AuthorityShape:
    return AuthorityShape(authority="x", summary="", date_formats=[], datasets=datasets)


def delivery(folder: Path, text: str = "Id,Name\n1,A\n") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "families.csv").write_text(text, "utf-8")
    return folder


def opened(folder: Path) -> int:
    (one,) = open_delivery(folder, shape_of(families={"files": "families.csv"}), RULES)
    return one.rows.accepted.height


def rejected(folder: Path, **shape: str) -> tuple[str, str]:
    datasets = {"families": {"files": "families.*", **shape}}
    with pytest.raises(DeliveryProblem) as caught:
        open_delivery(folder, shape_of(**datasets), RULES)
    (finding,) = caught.value.findings
    assert finding.file_name and caught.value.outcome == "rejected"
    return finding.rule, str(finding)


@pytest.fixture
def bound(tmp_path, monkeypatch):
    """Sets bounds for this test."""

    def set_(**values: int) -> None:
        lines = paths.bounds_path().read_text("utf-8").splitlines()
        kept = [line for line in lines if line.split(":")[0] not in values]
        own = tmp_path / f"bounds-{len(values)}-{sum(values.values())}.yml"
        own.write_text("\n".join([*kept, *(f"{k}: {v}" for k, v in values.items())]), "utf-8")
        monkeypatch.setenv("TF_BOUNDS", str(own))

    return set_


@pytest.mark.parametrize(
    ("code", "expected", "words"),
    [
        (DIES, "OPENING_STOPPED", "the process that opens it ended"),
        (WAITS, "OPENING_TOO_SLOW", "more than 1 seconds"),
    ],
)
def test_a_file_that_kills_or_holds_the_process_is_rejected_and_the_next_opens(
    tmp_path, monkeypatch, bound, code, expected, words
):
    bad, good = delivery(tmp_path / "bad"), delivery(tmp_path / "good")
    with monkeypatch.context() as changed:
        opening_process.stop_all()
        bound(seconds=1)
        changed.setattr(opening_process, "WORKER", [sys.executable, "-c", code])
        rule, text = rejected(bad)
    assert rule == expected
    assert words in text
    bound(seconds=300)
    assert opened(good) == 1


def test_what_needs_more_memory_than_the_bound_is_rejected(tmp_path, bound):
    book = xlsxwriter.Workbook(str(delivery(tmp_path / "x") / "families.xlsx"))
    (tmp_path / "x/families.csv").unlink()
    page = book.add_worksheet("F")
    page.write_row(0, 0, ["Id", "Name"])
    for row in range(1, 400):
        page.write_string(row, row, "x")
    page.write_string(40_000, 399, "x" * 30_000)
    book.close()
    bound(memory_mb=900, blank_rows_between=100_000)
    rule, text = rejected(tmp_path / "x", format="excel", sheet="F")
    assert rule == "OPENING_STOPPED"
    assert "900 MB of memory" in text


def test_a_zip_bomb_is_not_unpacked(tmp_path, bound):
    path = delivery(tmp_path / "z") / "families.xlsx"
    (tmp_path / "z/families.csv").unlink()
    with ZipFile(path, "w", ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b" " * (3 << 20))
    assert "times the packed size" in rejected(tmp_path / "z", format="excel")[1]
    bound(unpacked_mb=2)
    assert "3 MB when unpacked; at most 2 are" in rejected(tmp_path / "z", format="excel")[1]


@pytest.mark.parametrize(
    ("text", "name", "value", "words"),
    [
        ("Id,Name\n" + "1,A\n" * 50, "rows", 20, "51 rows or lines; at most 20"),
        ("Id,Name" + ",x" * 50 + "\n", "columns", 20, "52 columns; at most 20"),
        ("Id,Name\n" + "1,A\n" * 50, "cells", 20, "102 cells; at most 20"),
        ("Id,Name\n1," + "A" * 50, "cell_characters", 20, "21 or more characters in one cell"),
        ("Id," + "N" * 50 + "\n1,A\n", "heading_characters", 20, "50 characters in one heading"),
        ("Id,Name\n" + "1,A\n" * 300_000, "file_mb", 1, "2 MB; at most 1"),
    ],
)
def test_a_file_beyond_a_bound_is_rejected_with_the_bound(
    tmp_path, bound, text, name, value, words
):
    bound(**{name: value})
    rule, said = rejected(delivery(tmp_path / "x", text))
    assert rule == "FILE_TOO_LARGE"
    assert words in said and f"GM raises the bound {name}" in said


def test_a_fault_of_the_program_is_not_said_against_the_file(tmp_path, monkeypatch):
    folder = delivery(tmp_path / "x")
    monkeypatch.setattr(opening_process, "_ask", lambda *_: {"error": "KeyError"})
    with pytest.raises(OpeningFailed, match="KeyError"):
        opened(folder)


def test_one_process_serves_several_deliveries(tmp_path):
    for name in ("a", "b"):
        assert opened(delivery(tmp_path / name)) == 1
        (running,) = opening_process._running
        numbers = {running.process.pid}
    assert opened(delivery(tmp_path / "c")) == 1
    assert {one.process.pid for one in opening_process._running} == numbers


def test_many_blank_rows_at_the_end_are_not_counted(tmp_path):
    folder = delivery(tmp_path / "x", "Id,Name\n1,A\n\n2,B\n" + ",\n" * 5000 + "\n" * 5000)
    (one,) = open_delivery(folder, shape_of(families={"files": "families.csv"}), RULES)
    assert (one.rows.delivered, one.rows.set_aside.height) == (3, 1)
    assert (one.lines, one.records) == (10_004, 10_004)


def test_bounds_that_are_wrong_are_named(bound):
    bound(rows=0)
    with pytest.raises(BoundsProblem, match="rows is 0; accepted: 100"):
        bounds()
    bound(rowz=5)
    with pytest.raises(BoundsProblem, match="rowz is not a bound"):
        bounds()
