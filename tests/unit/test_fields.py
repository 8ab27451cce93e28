"""A delivery under canonical names: what Gate 1 is given, and when there is no heading row."""

import re
from dataclasses import replace

import polars as pl
import pytest

from tf_pipeline.authorities import registry
from tf_pipeline.ingest.delivery_problem import DeliveryProblem
from tf_pipeline.ingest.fields import (
    NamedDataset,
    _column,
    date_pattern,
    gate_parameters,
    list_pattern,
    named_datasets,
    not_asked,
)
from tf_pipeline.ingest.opened_dataset import OpenedDataset
from tf_pipeline.ingest.rows import Rows
from tf_pipeline.naming import ITEM, ROW
from tf_pipeline.rules.crosswalks import Field, fields
from tf_pipeline.rules.frameworks import need_fields
from tf_pipeline.rules.month_rules import month_rules


def opened(dataset: str, cells: dict[str, list[str]], formats: list[str]) -> OpenedDataset:
    size = len(next(iter(cells.values())))
    place = {ROW: list(range(2, size + 2)), ITEM: [None] * size}
    frame = pl.DataFrame({**place, **cells}, schema_overrides={ITEM: pl.Int32})
    rows = Rows(frame, frame.clear(), list(cells), delivered=frame.height)
    return OpenedDataset(dataset, f"{dataset}.csv", "0" * 64, None, formats, 1, rows)


def named(authority: str, pieces: list[OpenedDataset]) -> dict[str, NamedDataset]:
    rules = month_rules(authority, "2016-05")
    return named_datasets(rules, registry.shape(authority).from_workbook, pieces)


def unasked(authority: str, month: str) -> dict[str, set[str]]:
    return not_asked(month_rules(authority, month), registry.shape(authority).from_workbook)


def some_authority() -> str:
    return registry.authorities()[2]


def test_drifting_headings_are_found_and_words_are_compared_as_words():
    authority = some_authority()
    known = month_rules(authority, "2016-05").crosswalk.filter(pl.col("dataset") == "families")
    spelt = {
        field: f"  {heading.upper()} "
        for _, heading, _, field in known.iter_rows()
        if field != "IGNORE"
    }
    cells = {heading: ["  A  Word "] for heading in spelt.values()}
    found = named(authority, [opened("families", cells, ["%d/%m/%Y"])])
    assert set(found["families"].frame.columns) == {"row_number", *spelt}
    assert found["families"].frame["programme_group"].to_list() == ["a word"]
    assert found["families"].frame["local_family_id"].to_list() == ["A  Word"]


def cells_of(authority: str, dataset: str) -> dict[str, list[str]]:
    known = month_rules(authority, "2016-05").crosswalk.filter(dataset=dataset)
    known = known.filter(pl.col("field") != "IGNORE").unique("field", maintain_order=True)
    return {heading: ["1"] for heading in known["heading"]}


def test_a_fields_own_name_is_a_heading_that_nobody_need_declare():
    authority = some_authority()
    known = month_rules(authority, "2016-05").crosswalk.filter(dataset="families")
    own = next(
        f.name
        for f in fields()
        if f.dataset == "families" and f.name not in {*known["field"], *known["heading_key"]}
    )
    cells = cells_of(authority, "families") | {f" {own.upper()}": ["x"], "Shoe size": ["42"]}
    (found,) = named(authority, [opened("families", cells, [])]).values()
    assert found.frame[own].to_list() == ["x"]
    assert found.unknown == ["Shoe size"]


def test_it_is_none_where_another_dataset_of_the_sheet_has_the_heading():
    authority = next(
        a
        for a in registry.authorities()
        for shapes in [registry.shape(a).datasets]
        if (shapes["families"].files, shapes["families"].sheet)
        == (shapes["people"].files, shapes["people"].sheet)
    )
    both = cells_of(authority, "families") | cells_of(authority, "people")
    rows = month_rules(authority, "2016-05").crosswalk.filter(heading_key="postcode")
    assert "families" in rows["dataset"] and "people" not in rows["dataset"]
    pieces = [
        replace(opened(dataset, both | {"Postcode": ["M1"]}, []), file_name="one", sheet="one")
        for dataset in ("families", "people")
    ]
    found = named(authority, pieces)
    assert found["families"].frame["postcode"].to_list() == ["M1"]
    assert "postcode" not in found["people"].frame.columns
    assert not {"Postcode"} & {*found["families"].unknown, *found["people"].unknown}


def test_a_heading_row_of_strange_words_is_refused_without_quoting_one():
    cells = {"Ann": ["1"], "Smith": ["2"], "01/02/1990": ["3"]}
    with pytest.raises(DeliveryProblem) as caught:
        named(some_authority(), [opened("families", cells, [])])
    (finding,) = caught.value.findings
    assert finding.rule == "HEADING_ROW_WRONG"
    assert finding.row == 1
    assert not re.search("Ann|Smith|1990", str(finding))


def test_dates_are_judged_by_their_own_datasets_formats():
    pieces = [
        opened("families", {"x": ["1"]}, ["%d/%m/%Y", "excel_serial"]),
        opened("nis", {"x": ["1"]}, ["%Y-%m-%d"]),
    ]
    parameters = gate_parameters(month_rules(some_authority(), "2016-05"), pieces)
    families = re.compile(str(parameters["date_pattern_families"]))
    assert families.search("31/05/2016")
    assert families.search("42461")
    assert not families.search("2016-05-31")
    assert re.search(str(parameters["date_pattern_nis"]), "2016-05-31")


def test_an_unborn_childs_marker_may_stand_before_its_date():
    pattern = re.compile(date_pattern({"%d-%b-%y"}, [r"^EDD\s+"]))
    assert pattern.search("EDD 12-Jul-16")
    assert pattern.search("12-Jul-16")
    assert not pattern.search("soon 12-Jul-16")


def test_a_word_for_no_value_in_a_lists_place_is_no_list():
    rules = month_rules(some_authority(), "2016-05")
    words = {"dataset": ["needs"] * 2, "field": ["needs_present"] * 2, "word": ["-", "b"]}
    known = pl.DataFrame({**words, "canonical": ["not_known", "crime_asb"]})
    kind = Field("needs", "needs_present", "list", "need", True)
    lists = pl.DataFrame({"found": ["A; b", " - ", "", None, " B"]})
    column = _column("found", kind, replace(rules, words=known))
    assert lists.select(column)["found"].to_list() == ["a; b", None, None, None, "b"]


def test_a_list_is_of_known_words_only():
    pattern = re.compile(list_pattern(["crime", "dv"]))
    assert pattern.search("crime; dv")
    assert not pattern.search("crime; da")


SIX, TEN = "2022-09", "2022-10"


@pytest.mark.parametrize("authority", registry.authorities())
def test_a_month_asks_for_the_needs_that_its_headings_name(authority: str):
    columns = set(need_fields())
    for month in (SIX, TEN):
        named = set(month_rules(authority, month).crosswalk.filter(dataset="needs")["field"])
        asked = columns - unasked(authority, month)["needs"]
        assert asked == columns & named
    wide = bool(
        columns & set(month_rules(authority, SIX).crosswalk.filter(dataset="needs")["field"])
    )
    by_month = [columns - unasked(authority, month)["needs"] for month in (SIX, TEN)]
    assert [len(asked) for asked in by_month] == ([6, 10] if wide else [0, 0])
    assert by_month[0].isdisjoint(by_month[1])


def test_a_number_by_which_rows_are_known_is_always_asked_for():
    for authority in registry.authorities():
        for asked in unasked(authority, TEN).values():
            assert not {name for name in asked if name.endswith("_id")}


@pytest.mark.parametrize("authority", registry.authorities())
def test_statuses_of_every_need_in_a_column_have_words(authority: str):
    known = gate_parameters(month_rules(authority, TEN), [])
    for field in set(need_fields()) - unasked(authority, TEN)["needs"]:
        assert known[f"words_needs_{field}"], field
