"""A fix pack: tasks by rule, who acts, the trend, and files that are safe to open."""

import zipfile
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tf_pipeline.findings import Finding
from tf_pipeline.pages import pack_release, write_packs
from tf_pipeline.pages.pack import gone_of, tasks_of, who_acts
from tf_pipeline.pages.pack_files import PAGE, WORKBOOK, write_pack
from tf_pipeline.pages.pack_release import NoSuchPack, pack_of_release
from tf_pipeline.vocabulary import Severity

BEFORE, NOW = "2016-04", "2016-05"
WHO = "la77"


def line(rule: str, count: int = 1, severity: str = "warning", **more) -> Finding:
    return Finding(rule, f"{rule} is wrong", Severity(severity), occurrences=count, **more)


def release(
    lines: dict[str, list[Finding]], outcome: str = "accepted", supply: bool = False
) -> duckdb.DuckDBPyConnection:
    """A release of two months of one authority with nothing in it but what a pack reads."""
    db = duckdb.connect()
    db.execute(
        "create schema gm; create table gm.work_list (month text, authority text, item text, "
        'dataset text, file_name text, sheet text, "row" integer, heading text, rule text, '
        "severity text, responsible text, message text, occurrences integer);"
        "create table gm.deliveries (month text, authority text, dataset text, outcome text, "
        "as_of_month text, file_name text, rows_delivered integer, rows_accepted integer, "
        "rows_set_aside integer, reason text);"
        "create table gm.gates (month text, gate text, outcome text, rules integer, "
        "rules_failed integer, rows_checked integer, failed_rules text);"
        "create table gm.supply (authority text, organisation text, dataset text, "
        "valid_from date, valid_to date, is_supplied boolean, obstacle text)"
    )
    for month in (BEFORE, NOW):
        came = "accepted" if month == BEFORE else outcome
        as_of = NOW if month == NOW and came == "accepted" else BEFORE
        db.execute(
            "insert into gm.deliveries values (?, ?, 'people', ?, ?, 'p.csv', 9, 9, 0, ?)",
            [month, WHO, came, as_of, None if came == "accepted" else "p.csv: cut off"],
        )
        for n, f in enumerate(lines.get(month, [])):
            db.execute(
                "insert into gm.work_list values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [month, WHO, n, f.dataset, f.file_name, f.sheet, f.row, f.heading, f.rule,
                 f.severity, f.responsible, f.message, f.occurrences],
            )  # fmt: skip
    if supply:
        db.execute(
            "insert into gm.supply values (?, 'organisation_x', 'police_counts', ?, null, false, "
            "'it has the data')",
            [WHO, date(2014, 9, 1)],
        )
    return db


def test_tasks_are_grouped_by_rule_and_the_critical_stand_first():
    tasks = tasks_of(
        [line("A", 2), line("A", 3), line("B", 1, "critical"), line("A", 1, responsible="gm")], None
    )
    assert [(t.rule, t.who, t.count) for t in tasks] == [
        ("B", "authority", 1), ("A", "authority", 5), ("A", "gm", 1),
    ]  # fmt: skip


def test_the_trend_compares_occurrences_with_the_month_before():
    before = [line("FEWER", 5), line("SAME", 2), line("MORE", 1), line("GONE", 4)]
    now = [line("FEWER", 4), line("SAME", 2), line("MORE", 2), line("NEW", 1)]
    trends = {task.rule: task.trend for task in tasks_of(now, before)}
    assert trends == {rule: rule.lower() for rule in ("FEWER", "SAME", "MORE", "NEW")}
    assert [(t.rule, t.trend, t.before) for t in gone_of(now, before, True)] == [
        ("GONE", "gone", 4)
    ]


def test_what_could_not_be_judged_is_not_called_fixed():
    pack = pack_of_release(release({BEFORE: [line("OLD", 3)]}, "rejected"), NOW, WHO)
    assert [(task.rule, task.trend) for task in pack.gone] == [("OLD", "not validated this month")]
    assert (pack.as_of_month, pack.reason) == (BEFORE, "p.csv: cut off")


def test_without_an_earlier_month_no_trend_is_claimed():
    pack = pack_of_release(release({BEFORE: [line("OLD")]}), BEFORE, WHO)
    assert [task.trend for task in pack.tasks] == ["no earlier month"]
    assert pack.month_before is None


def test_a_partner_that_does_not_supply_must_act(tmp_path):
    pack = pack_of_release(release({}, supply=True), NOW, WHO)
    (task,) = pack.tasks
    assert (task.rule, task.trend) == ("NOT_SUPPLIED", "same")
    assert who_acts(task.who, WHO) == "Organisation X"
    assert "it has the data" in task.message
    page = write_pack(pack, tmp_path)[0].read_text("utf-8")
    assert "Organisation X" in page and "Police counts" in page


@pytest.mark.parametrize(
    ("responsible", "shown"),
    [("gm", "GM"), ("dwp", "DWP"), ("gp_or_health_service", "GP or health service")],
)
def test_parties_are_named_as_people_name_them(responsible, shown):
    assert who_acts(responsible, WHO) == shown


def test_nothing_to_fix_is_said(tmp_path):
    write_pack(pack_of_release(release({}), NOW, WHO), tmp_path)
    assert "There is nothing to fix." in (tmp_path / PAGE).read_text("utf-8")


def test_the_files_open_without_a_network_and_no_text_is_a_formula_or_markup(tmp_path):
    cells = ["=cmd|' /C calc'!A0", "+1", "-1", "@x", "<script>alert(1)</script>", "http://a.b/c"]
    found = [
        line("UNKNOWN", dataset="people", file_name=cell, sheet=cell, heading=cell, row=7)
        for cell in cells
    ]
    write_pack(pack_of_release(release({NOW: found}), NOW, WHO), tmp_path)
    page = (tmp_path / PAGE).read_text("utf-8")
    assert "<script" not in page and "<link" not in page and "src=" not in page
    lines = pl.read_excel(tmp_path / WORKBOOK, sheet_name="Lines", engine="calamine")
    assert sorted(lines["Your heading"]) == sorted(cells)
    assert set(lines["Row"]) == {7}
    with zipfile.ZipFile(tmp_path / WORKBOOK) as book:
        for name in book.namelist():
            content = book.read(name)
            assert b"<f>" not in content and b"<hyperlink" not in content, name


def test_an_unknown_month_or_authority_is_answered_with_what_there_is():
    with pytest.raises(NoSuchPack, match=f"published months: {BEFORE}, {NOW}"):
        pack_of_release(release({}), "2020-01", WHO)
    with pytest.raises(NoSuchPack, match=WHO):
        pack_of_release(release({}), NOW, "la78")


def test_a_pack_that_cannot_be_written_is_said_and_stops_nothing(monkeypatch, tmp_path):
    def fail(_month: str) -> Path:
        raise OSError("a value of somebody's")

    monkeypatch.setattr(pack_release, "write_all_packs", fail)
    said = write_packs.packs_after_publication(NOW)
    assert "could not be written (OSError)" in said and "somebody" not in said
