"""The extract specification holds every field of the framework in force, and opens anywhere."""

import re
import zipfile

import polars as pl

from tf_pipeline.authorities import registry
from tf_pipeline.authorities.workbook import workbook_fields
from tf_pipeline.pages.specification import field_rows, write_specification
from tf_pipeline.rules.crosswalks import fields
from tf_pipeline.rules.frameworks import frameworks


def test_every_field_is_there_but_the_needs_of_another_framework():
    first, last = frameworks()
    others = {f"need_{code}" for code in last.needs} | {f"need_{code}_basis" for code in last.needs}
    expected = {(f.dataset, f.name) for f in fields() if f.name not in others}
    assert {row[:2] for row in field_rows("2016-06")} == expected
    late = {row[1] for row in field_rows("2023-01")}
    assert not late & {f"need_{code}" for code in first.needs}


def test_page_and_workbook_say_the_same(tmp_path):
    page, book, _ = write_specification("2016-06", tmp_path)
    sheet = pl.read_excel(book, sheet_name="Fields", engine="calamine")
    assert sheet.height == len(field_rows("2016-06"))
    text = page.read_text("utf-8")
    assert "<link" not in text and "src=" not in text
    assert all(f"<td>{name}</td>" in text for name in sheet["Field"])
    sex = sheet.filter(pl.col("Field") == "sex")
    assert "female" in sex["Allowed values"][0]


def test_the_workbook_holds_gms_headings_and_nothing_else_on_the_sheets_that_are_read(tmp_path):
    *_, book = write_specification("2016-06", tmp_path)
    sheets = pl.read_excel(book, sheet_id=0, engine="calamine")
    wanted = workbook_fields("2016-06")
    assert list(sheets) == [*wanted["dataset"].unique(maintain_order=True), "Notes"]
    for name, sheet in sheets.items():
        if name != "Notes":
            assert sheet.columns == wanted.filter(dataset=name)["field"].to_list()
            assert sheet.height == 0
    assert sheets["Notes"].height == wanted.height
    assert "need_1" in sheets["needs"].columns and "need_11" not in sheets["needs"].columns
    late = write_specification("2023-01", tmp_path / "late")[-1]
    assert "need_11" in pl.read_excel(late, sheet_name="needs", engine="calamine").columns


def test_cells_keep_zeros_and_days_and_offer_the_allowed_words(tmp_path):
    *_, book = write_specification("2016-06", tmp_path)
    with zipfile.ZipFile(book) as parts:
        families = parts.read("xl/worksheets/sheet1.xml").decode()
        styles = parts.read("xl/styles.xml").decode()
    formats = re.findall(r'<xf numFmtId="(\d+)"', styles.split("<cellXfs")[1])
    custom = dict(re.findall(r'numFmtId="(\d+)" formatCode="([^"]+)"', styles))
    columns = [custom.get(formats[int(s)], formats[int(s)])
               for s in re.findall(r'<col [^>]*style="(\d+)"', families)]  # fmt: skip
    assert columns[0] == "@"
    assert "yyyy-mm-dd" in columns
    assert "programme,comparison" in families.replace("&quot;", "")


def test_one_line_stands_for_the_sheets_of_the_workbook(tmp_path, monkeypatch):
    monkeypatch.setenv("TF_AUTHORITIES", str(tmp_path))
    (tmp_path / "zz11.yml").write_text(
        "authority: zz11\nsummary: one\nworkbook: 'e*.xlsx'\nwithout: [claims]\n"
        "datasets: {nis: {files: 'NIS*.csv', optional: true, date_formats: ['%d/%m/%Y']}}\n"
    )
    found = registry.shape("zz11")
    assert "claims" not in found.datasets and "claims" in found.ignore_sheets
    assert found.datasets["people"].sheet == "people"
    assert found.datasets["people"].date_formats == ["%Y-%m-%d", "%Y-%m"]
    assert "nis" not in found.from_workbook and "people" in found.from_workbook
