"""Opening files: what is there comes out unchanged; what is wrong is named, with its place."""

from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from tf_pipeline.authorities.spec import AuthorityShape, DatasetShape
from tf_pipeline.ingest.cells import read_grid
from tf_pipeline.ingest.delivery_problem import DeliveryProblem
from tf_pipeline.ingest.open_delivery import open_delivery
from tf_pipeline.ingest.rows import read_rows
from tf_pipeline.naming import ITEM, REASON, ROW
from tf_pipeline.rules.month_rules import month_rules
from tf_pipeline.vocabulary import Outcome

CSV = DatasetShape(files="*.csv")


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def rows_of(path: Path, shape: DatasetShape):
    return read_rows(read_grid(path, shape, "families"), shape, "families", "2016-04", path.name)


def workbook(path: Path, rows: list[list], sheet: str = "Families") -> Path:
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet(sheet)
    dates = book.add_format({"num_format": "dd/mm/yyyy"})
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if hasattr(value, "year"):
                page.write_datetime(r, c, value, dates)
            elif value is not None:
                page.write(r, c, value)
    book.close()
    return path


def test_names_that_look_like_nothing_stay_names(tmp_path):
    path = write(
        tmp_path / "a.csv",
        "Id,Surname,Note\n007,Fernandez,nan\n008,Null,NA\n009,None,Financial\n010,O'Neill,\n",
    )
    rows = rows_of(path, CSV).accepted
    assert rows["Surname"].to_list() == ["Fernandez", "Null", "None", "O'Neill"]
    assert rows["Note"].to_list()[:3] == ["nan", "NA", "Financial"]
    assert rows["Id"].to_list() == ["007", "008", "009", "010"]
    assert rows[ROW].to_list() == [2, 3, 4, 5]


def test_windows_text_with_semicolons_and_a_byte_order_mark(tmp_path):
    shape = DatasetShape(files="*", encoding="cp1252", delimiter=";")
    path = write(tmp_path / "w.csv", "Id;Debt (£)\n1;£718\n", "cp1252")
    assert rows_of(path, shape).accepted["Debt (£)"].to_list() == ["£718"]
    marked = write(tmp_path / "b.csv", "\ufeffId,Name\n1,Chloë\n")
    assert rows_of(marked, CSV).headings == ["Id", "Name"]


def test_two_heading_rows_and_a_totals_row(tmp_path):
    shape = DatasetShape(
        files="*", delimiter="\t", header_row=2, totals_row={"column": 1, "equals": "TOTAL"}
    )
    path = write(tmp_path / "t.txt", "Family\tWhen\nFam ID\tFrom\nF1\t2016-01-02\nTOTAL\t1\n")
    rows = rows_of(path, shape)
    assert rows.accepted["Fam ID"].to_list() == ["F1"]
    assert rows.set_aside[REASON].to_list() == ["TOTALS_ROW"]
    assert rows.set_aside[ROW].to_list() == [4]
    assert rows.delivered == 2


def test_excel_banner_blank_rows_real_dates_and_numbers(tmp_path):
    from datetime import datetime

    shape = DatasetShape(files="*", format="excel", sheet="Families", header_row=3)
    path = workbook(
        tmp_path / "x.xlsx",
        [
            ["LA - SYNTHETIC"],
            ["position at 30/04/2016"],
            ["Family Ref", "Start", "Hours"],
            ["0012", datetime(2016, 4, 5), 2.5],
            [],
            ["0013", "due 01/08/2016", 3],
        ],
    )
    rows = rows_of(path, shape)
    assert rows.accepted.rows() == [
        (4, None, "0012", "2016-04-05", "2.5"),
        (6, None, "0013", "due 01/08/2016", "3"),
    ]
    assert rows.set_aside[REASON].to_list() == ["BLANK_ROW"]


def test_repeated_groups_become_rows_and_gaps_stay_gaps(tmp_path):
    shape = DatasetShape(files="*", repeat="Member {n} *", made={"No (made)": "{Family No}-M{n}"})
    path = write(
        tmp_path / "m.csv",
        "Family No,Member 1 name,Member 1 dob,Member 2 name,Member 2 dob,Member 3 name,Member 3 dob"
        "\nF1,Ann,2001-01-01,,,Bo,\n",
    )
    rows = rows_of(path, shape).accepted
    assert rows.select(ITEM, "Member {n} name", "No (made)").rows() == [
        (1, "Ann", "F1-M1"),
        (3, "Bo", "F1-M3"),
    ]


def test_headings_like_our_own_columns_are_headings_like_any_other(tmp_path):
    path = write(tmp_path / "o.csv", "item,Row_Number,reason,_out\n1,2,3,4\n")
    rows = rows_of(path, CSV).accepted
    assert rows.select("item", "Row_Number", "reason", "_out").rows() == [("1", "2", "3", "4")]


def test_exact_copies_are_set_aside_only_where_declared(tmp_path):
    path = write(tmp_path / "c.csv", "Id,Name\n1,A\n1,A\n1,B\n")
    assert rows_of(path, CSV).accepted.height == 3
    declared = rows_of(path, DatasetShape(files="*", exact_copies="set_aside"))
    assert declared.accepted.height == 2
    assert declared.set_aside[REASON].to_list() == ["EXACT_COPY"]


def test_a_heading_that_stands_twice_is_reported_and_kept_apart(tmp_path):
    path = write(tmp_path / "d.csv", "Id,Closed,closed \n1,a,b\n")
    rows = rows_of(path, CSV)
    assert rows.headings == ["Id", "Closed", "closed (column 3)"]
    assert [f.rule for f in rows.findings] == ["HEADING_TWICE"]


@pytest.mark.parametrize(
    ("name", "content", "shape", "rule", "words"),
    [
        ("empty.csv", b"", CSV, "FILE_EMPTY", "0 bytes"),
        ("blank.csv", b"\n\n", CSV, "HEADING_ROW_MISSING", "row 1"),
        ("short.csv", b"Id,Name,End\n1,A,\n2,B\n", CSV, "ROW_OF_WRONG_LENGTH", "row 3"),
        ("long.csv", b"Id,Name\n1,A,x\n", CSV, "ROW_OF_WRONG_LENGTH", "row 2"),
        ("quote.csv", b'Id,Name\n1,A\n2,"B\n', CSV, "QUOTE_NOT_CLOSED", "row 3"),
        ("sep.csv", b"Id;Name\n1;A\n", CSV, "WRONG_SEPARATOR", "separated"),
        ("win.csv", b"Id,Name\n1,Chlo\xeb\n", CSV, "WRONG_ENCODING", "row 2"),
        ("zip.csv", b"PK\x03\x04\x00\x00,\x00\n", CSV, "NOT_A_TEXT_FILE", "not text"),
        (
            "cut.xlsx",
            b"PK\x03\x04 not really a workbook",
            DatasetShape(files="*", format="excel"),
            "WORKBOOK_UNREADABLE",
            "damaged or cut off",
        ),
    ],
)
def test_bad_files_are_named_for_what_they_are(tmp_path, name, content, shape, rule, words):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DeliveryProblem) as caught:
        rows_of(path, shape)
    (finding,) = caught.value.findings
    assert finding.rule == rule
    assert finding.file_name == name
    assert words in str(finding)


def test_a_missing_sheet_names_those_there_are(tmp_path):
    path = workbook(tmp_path / "s.xlsx", [["Id", "Name"], ["1", "A"]], sheet="Sheet1")
    shape = DatasetShape(files="*", format="excel", sheet="Families")
    with pytest.raises(DeliveryProblem, match=r"of the 1 sheets .* a sheet named 'Families'"):
        rows_of(path, shape)


def shape_of(**datasets: dict) -> AuthorityShape:
    return AuthorityShape(
        authority="x", summary="", date_formats=["%Y-%m-%d"], datasets=datasets,
        ignore_files=["cover.md"],
    )  # fmt: skip


def test_a_delivery_says_everything_that_is_wrong_at_once(tmp_path):
    write(tmp_path / "families.csv", "Id,Name\n1\n")
    write(tmp_path / "people.csv", "")
    shape = shape_of(families={"files": "families*.csv"}, people={"files": "people*.csv"})
    with pytest.raises(DeliveryProblem) as caught:
        open_delivery(tmp_path, shape, month_rules("x", "2016-04"))
    assert {f.file_name for f in caught.value.findings} == {"families.csv", "people.csv"}
    assert caught.value.outcome is Outcome.REJECTED


def test_missing_double_and_strange_files(tmp_path):
    write(tmp_path / "families 1.csv", "Id,Name\n1,A\n")
    shape = shape_of(families={"files": "families*.csv"}, people={"files": "people*.csv"})
    with pytest.raises(DeliveryProblem, match="no file for people"):
        open_delivery(tmp_path, shape, month_rules("x", "2016-04"))
    write(tmp_path / "people.csv", "Id,Name\n1,A\n")
    write(tmp_path / "families 2.csv", "Id,Name\n1,A\n")
    with pytest.raises(DeliveryProblem, match="2 files could hold families"):
        open_delivery(tmp_path, shape, month_rules("x", "2016-04"))
    (tmp_path / "families 2.csv").rename(tmp_path / "holiday photo.png")
    with pytest.raises(DeliveryProblem, match=r"holiday photo\.png") as caught:
        open_delivery(tmp_path, shape, month_rules("x", "2016-04"))
    assert caught.value.outcome is Outcome.HELD


def test_clutter_and_cover_notes_are_no_data(tmp_path):
    write(tmp_path / "families.csv", "Id,Name\n1,A\n")
    for name in ("cover.md", "~$families.xlsx", "Thumbs.db", ".DS_Store"):
        write(tmp_path / name, "x")
    shape = shape_of(families={"files": "families.csv"})
    (opened,) = open_delivery(tmp_path, shape, month_rules("x", "2016-04"))
    assert opened.rows.accepted.height == 1
    assert isinstance(opened.rows.accepted, pl.DataFrame)
