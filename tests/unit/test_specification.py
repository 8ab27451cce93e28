"""The extract specification holds every field of the framework in force, and opens anywhere."""

import polars as pl

from tf_pipeline.authorities.crosswalks import fields
from tf_pipeline.authorities.frameworks import frameworks
from tf_pipeline.pages.specification import field_rows, write_specification


def test_every_field_is_there_but_the_needs_of_another_framework():
    first, last = frameworks()
    others = {f"need_{code}" for code in last.needs} | {f"need_{code}_basis" for code in last.needs}
    expected = {(f.dataset, f.name) for f in fields() if f.name not in others}
    assert {row[:2] for row in field_rows("2016-06")} == expected
    late = {row[1] for row in field_rows("2023-01")}
    assert not late & {f"need_{code}" for code in first.needs}


def test_page_and_workbook_say_the_same(tmp_path):
    page, book = write_specification("2016-06", tmp_path)
    sheet = pl.read_excel(book, sheet_name="Fields", engine="calamine")
    assert sheet.height == len(field_rows("2016-06"))
    text = page.read_text("utf-8")
    assert "<link" not in text and "src=" not in text
    assert all(f"<td>{name}</td>" in text for name in sheet["Field"])
    sex = sheet.filter(pl.col("Field") == "sex")
    assert "female" in sex["Allowed values"][0]
