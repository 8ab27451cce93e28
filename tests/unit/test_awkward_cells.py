"""Cells that programs like to spoil come out as they were typed, through real files."""

from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
import xlsxwriter

from tf_pipeline.authorities.spec import DatasetShape
from tf_pipeline.deliveries.plausibility import _day
from tf_pipeline.ingest.cells import read_cells, read_grid
from tf_pipeline.ingest.delivery_problem import DeliveryProblem
from tf_pipeline.ingest.fields import date_pattern
from tf_pipeline.ingest.rows import read_rows

CSV = DatasetShape(files="*.csv")
EXCEL = DatasetShape(files="*.xlsx", format="excel", sheet="Families")
SURNAMES = ["O'Brien", "Zoë", "nan", "null", "NA", "None", "N/A", "NULL", "NaN", "True"]
FORMULAS = ['=HYPERLINK("http://x","y")', "+44 161", "-1+1", "@SUM(A1)", "=1+1"]


def rows_of(path: Path, shape: DatasetShape):
    return read_rows(read_grid(path, shape, "families"), shape, "families", "2016-04", path.name)


def as_text(path: Path, column: list[str]) -> list[str]:
    cells = ['"' + cell.replace('"', '""') + '"' for cell in column]
    path.write_text("Id,Value\n" + "".join(f"{n},{c}\n" for n, c in enumerate(cells)), "utf-8")
    return rows_of(path, CSV).accepted["Value"].to_list()


def as_workbook(path: Path, column: list[str]) -> list[str]:
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("Families")
    page.write_row(0, 0, ["Id", "Value"])
    for number, cell in enumerate(column, start=1):
        page.write_string(number, 0, str(number))
        page.write_string(number, 1, cell)
    book.close()
    return rows_of(path, EXCEL).accepted["Value"].to_list()


@pytest.mark.parametrize(
    "column",
    [SURNAMES, FORMULAS, ["007", "0000", "00012"], ["1e5", "1E10", "0x10"], ["03/04/2016"]],
    ids=["surnames", "formulas", "leading zeros", "exponents", "day and month"],
)
def test_what_was_typed_comes_out(tmp_path, column):
    assert as_text(tmp_path / "a.csv", column) == column
    assert as_workbook(tmp_path / "a.xlsx", column) == column


def test_a_cell_of_forty_thousand_characters(tmp_path):
    assert as_text(tmp_path / "a.csv", ["é" * 40_000, "b"]) == ["é" * 40_000, "b"]
    # a workbook's cell holds 32,767
    assert as_workbook(tmp_path / "a.xlsx", ["é" * 32_767]) == ["é" * 32_767]


def test_a_formula_of_a_workbook_gives_what_its_cell_showed(tmp_path):
    path = tmp_path / "f.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("Families")
    page.write_row(0, 0, ["Id", "Value"])
    page.write_string(1, 0, "1")
    page.write_formula(1, 1, "=1+1", None, "as last shown")
    book.close()
    assert rows_of(path, EXCEL).accepted["Value"].to_list() == ["as last shown"]
    (said,) = read_cells(path, EXCEL, "families").findings
    assert (said.rule, said.occurrences) == ("FORMULA_CELLS", 1)


def test_a_protected_workbook_is_named_whatever_its_name(tmp_path):
    content = bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le")
    for name, shape in (("a.xlsx", EXCEL), ("a.csv", CSV)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(
            DeliveryProblem, match=r"is protected by a password\. Expected: the same"
        ):
            rows_of(tmp_path / name, shape)


def test_dates_are_read_as_declared_and_never_guessed(tmp_path):
    import re

    assert _day("03/04/2016", "%d/%m/%Y") == datetime(2016, 4, 3).date()
    assert _day("03/04/2016", "%m/%d/%Y") == datetime(2016, 3, 4).date()
    assert _day("42461", "excel_serial") == datetime(2016, 4, 1).date()
    assert _day("42461", "%d/%m/%Y") is None
    assert not re.match(date_pattern({"%d/%m/%Y"}, []), "42461")
    assert re.match(date_pattern({"excel_serial"}, []), "42461")


@pytest.mark.parametrize("kept", [ZIP_STORED, ZIP_DEFLATED])
def test_a_workbook_with_a_damaged_part_is_named_and_no_cell_of_it_is_read(tmp_path, kept):
    whole, spoilt = tmp_path / "whole.xlsx", tmp_path / "spoilt.xlsx"
    assert as_workbook(whole, ["Fernandez"]) == ["Fernandez"]
    with ZipFile(whole) as parts, ZipFile(spoilt, "w", kept) as others:
        for name in parts.namelist():
            others.writestr(name, parts.read(name))
    assert rows_of(spoilt, EXCEL).accepted["Value"].to_list() == ["Fernandez"]
    with ZipFile(spoilt) as parts:
        strings = parts.getinfo("xl/sharedStrings.xml")
    content = bytearray(spoilt.read_bytes())
    start = strings.header_offset + 30 + len(strings.filename)
    content[start : start + strings.compress_size] = content[
        start : start + strings.compress_size
    ].replace(b"Fernandez", b"Ferdez   ")
    if kept == ZIP_DEFLATED:
        content[start + strings.compress_size // 2] ^= 0xFF
    spoilt.write_bytes(content)
    with pytest.raises(DeliveryProblem) as said:
        rows_of(spoilt, EXCEL)
    assert "damaged or cut off" in str(said.value.findings[0])


def test_a_workbook_whose_own_directory_lies_is_damaged(tmp_path):
    whole, spoilt = tmp_path / "whole.xlsx", tmp_path / "spoilt.xlsx"
    as_workbook(whole, ["Fernandez"])
    # where the directory of parts begins, as the file's last record says; then as an offset before
    # the file's first byte, which an operating system refuses to seek
    content = bytearray(whole.read_bytes())
    end = content.rindex(b"PK\x05\x06")
    begins = int.from_bytes(content[end + 16 : end + 20], "little")
    content[end + 16 : end + 20] = (begins + 1000).to_bytes(4, "little")
    spoilt.write_bytes(content)
    with pytest.raises(DeliveryProblem) as said:
        rows_of(spoilt, EXCEL)
    assert "damaged or cut off" in str(said.value.findings[0])


@pytest.mark.parametrize("kind", ["extra", "name", "method"])
def test_a_workbook_with_a_spoilt_directory_is_damaged(tmp_path, kind):
    path = tmp_path / "spoilt.xlsx"
    as_workbook(path, ["Fernandez"])
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    if kind == "extra":
        content[entry + 30 : entry + 32] = b"\xff\x00"
    elif kind == "name":
        content[entry + 9] |= 0x08
        content[entry + 46] = 0xFF
    else:
        content[entry + 10] = 14
    path.write_bytes(content)
    with pytest.raises(DeliveryProblem) as said:
        rows_of(path, EXCEL)
    assert "damaged or cut off" in str(said.value.findings[0])
