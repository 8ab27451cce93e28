"""Deliveries that went wrong, each kind in several authorities' shapes: outcome, words, rows.

Each is one sample delivery, spoilt in one way and validated as `check` does it.
"""

import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import SAMPLE
from tests.support import spoil
from tests.support.delivered import file_of
from tf_pipeline.authorities import registry
from tf_pipeline.deliveries.validate import ValidationResult, validate
from tf_pipeline.findings import Finding
from tf_pipeline.rules.month_rules import month_rules

MONTH = "2016-05"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A copy of the sample month, to be spoilt."""
    shutil.copytree(SAMPLE / MONTH, tmp_path / MONTH)
    return tmp_path / MONTH


def judged(inbox: Path, authority: str) -> ValidationResult:
    return validate(authority, MONTH, registry.shape(authority), inbox / authority, {})


def undisturbed(authority: str, dataset: str) -> pl.DataFrame:
    return judged(SAMPLE / MONTH, authority).named[dataset].frame


def said(found: ValidationResult, rule: str) -> Finding:
    """The line that names the rule; a rejection says nothing else that stops the delivery."""
    (line,) = [f for f in found.findings if f.rule == rule]
    return line


def in_workbook(change):
    """The same change of a cell's text, inside the XML of a workbook's cell."""
    return lambda xml: re.sub(r"(<t[^>]*>)([^<]*)", lambda m: m[1] + change(m[2]), xml)


@pytest.mark.parametrize(
    ("authority", "dataset", "change"),
    [
        ("la02", "needs", lambda text: "\t" + text),
        ("la08", "people", lambda text: "'" + text),
        ("la04", "incidents", lambda text: text + "\xa0"),
        ("la01", "needs", in_workbook(lambda text: text + "_x000D_")),
        ("la06", "people", in_workbook(lambda text: "_x000d__x000A_" + text)),
        ("la03", "attendance", str),
        ("la03", "incidents", lambda text: f'="{text}"'),
        ("la10", "benefits", lambda text: f' ="{text}"'),
        ("la07", "claims", lambda text: f'="{text}"'),
        ("la09", "needs", str.lower),
        ("la02", "people", str.lower),
        ("la05", "families", in_workbook(str.lower)),
        ("la03", "people", lambda text: "\u200b" + text),
        ("la08", "needs", lambda text: text + "\ufeff"),
        ("la09", "families", lambda text: text + "\r\n"),
    ],
)
def test_a_number_of_a_family_is_read_the_same_in_every_file(inbox, authority, dataset, change):
    field = "upn" if dataset == "attendance" else "local_family_id"
    assert spoil.change_cells(inbox, authority, dataset, field, change)
    found = judged(inbox, authority)
    assert found.outcome == "accepted", found.findings
    assert found.named[dataset].frame.equals(undisturbed(authority, dataset))


@pytest.mark.parametrize(
    ("authority", "dataset", "cell"),
    [("la01", "people", "XFD1048576"), ("la05", "families", "A1048576"), ("la06", "needs", "XFD3")],
)
def test_a_cell_far_from_all_others_is_named(inbox, authority, dataset, cell):
    spoil.change_sheet(inbox, authority, dataset, spoil.last_cell(cell))
    found = judged(inbox, authority)
    line = said(found, "STRAY_CELL")
    assert (found.outcome, line.sheet) == (
        "rejected", registry.shape(authority).datasets[dataset].sheet,
    )  # fmt: skip
    assert f"a filled cell at {cell}" in str(line)


@pytest.mark.parametrize(
    ("authority", "dataset", "field", "error"),
    [
        ("la01", "people", "date_of_birth", "#N/A"),
        ("la06", "families", "start_date", "#REF!"),
        ("la05", "families", "start_date", "#VALUE!"),
    ],
)
def test_an_error_cell_is_an_error_and_no_blank(inbox, authority, dataset, field, error):
    def change(xml: str) -> str:
        head = re.sub(r'\st="[^"]*"', "", xml[: xml.index(">")])
        return f'{head} t="e"><v>{error}</v></c>'

    count = spoil.change_cells(inbox, authority, dataset, field, change)
    found = judged(inbox, authority)
    assert found.outcome == "rejected"
    lines = [f for f in found.findings if f.rule == "ERROR_CELLS"]
    assert {f.occurrences for f in lines} == {count}
    assert error in lines[0].message and lines[0].heading and lines[0].sheet
    assert any(f.rule == f"{field}_match_regex".upper() for f in found.findings)


@pytest.mark.parametrize(
    ("authority", "dataset", "field"),
    [
        ("la01", "people", "date_of_birth"),
        ("la06", "families", "start_date"),
        ("la05", "families", "start_date"),
    ],
)
def test_formulas_are_found_under_any_prefix(inbox, authority, dataset, field):
    def never_worked_out(xml: str) -> str:
        return re.sub(r"<v>[^<]*</v>|<is>.*</is>", "<f>TODAY()</f>", xml)

    count = spoil.change_cells(inbox, authority, dataset, field, never_worked_out)
    spoil.change_sheet(inbox, authority, dataset, spoil.prefixed)
    found = judged(inbox, authority)
    line = next(f for f in found.findings if f.rule == "FORMULA_CELLS")
    assert line.occurrences == count
    assert f"{count} of them have no such value" in line.message
    assert found.outcome == "rejected"


@pytest.mark.parametrize(("authority", "mark"), [("la01", "1"), ("la06", "true"), ("la05", "1")])
def test_the_dates_of_a_1904_workbook_count_from_1904(inbox, authority, mark):
    spoil.date_from_1904(inbox, authority, mark)
    found = judged(inbox, authority).named["families"].frame["start_date"].to_list()
    plain = undisturbed(authority, "families")["start_date"].to_list()
    days = [
        (date.fromisoformat(one) - date.fromisoformat(other)).days
        for one, other in zip(found, plain, strict=True)
        if other and re.fullmatch(r"\d{4}-\d{2}-\d{2}", other)
    ]
    assert set(days) == {timedelta(days=1462).days}


@pytest.mark.parametrize("authority", ["la08", "la02", "la03", "la09"])
def test_a_quote_that_swallows_rows_is_named_by_its_first_row(inbox, authority):
    first = registry.shape(authority).datasets["people"].header_row + 2
    rows = spoil.text_rows(inbox, authority, "people")
    assert not any('"' in cell or "\n" in cell for row in rows for cell in row)
    delimiter = registry.shape(authority).datasets["people"].delimiter
    rows[first - 1][2] = f'"{rows[first - 1][2]}'
    rows[first + 4][2] = f'{rows[first + 4][2]}"'
    text = "\n".join(delimiter.join(row) for row in rows)
    spoil.change_text(inbox, authority, "people", lambda _: text)
    found = judged(inbox, authority)
    line = said(found, "ROWS_IN_ONE_CELL")
    assert (found.outcome, line.row) == ("rejected", first)
    assert "5 whole rows" in line.message


@pytest.mark.parametrize("authority", ["la03", "la02", "la04", "la10"])
def test_a_quote_that_is_not_doubled_is_named_by_its_row(inbox, authority):
    delimiter = registry.shape(authority).datasets["people"].delimiter

    def change(text: str) -> str:
        lines = text.split("\n")
        cells = lines[3].split(delimiter)
        cells[2] = f'"Bob" {cells[2]}'
        lines[3] = delimiter.join(cells)
        return "\n".join(lines)

    spoil.change_text(inbox, authority, "people", change)
    found = judged(inbox, authority)
    line = said(found, "QUOTE_NOT_DOUBLED")
    assert (found.outcome, line.row) == ("rejected", 4)


def test_a_quote_inside_a_cell_and_a_note_of_several_lines_are_read(inbox):
    rows = spoil.text_rows(inbox, "la02", "families")
    rows[1][5] = 'Flat 2, the 6" pipe\nback door, please, twice'
    spoil.write_rows(inbox, "la02", "families", rows)
    spoil.change_text(inbox, "la02", "people", lambda text: text)
    found = judged(inbox, "la02")
    assert found.outcome == "accepted", found.findings
    opened = next(one for one in found.opened if one.dataset == "families")
    assert (opened.lines, opened.records) == (len(rows) + 1, len(rows))


@pytest.mark.parametrize(
    ("authority", "above"),
    [
        ("la08", "Families report, run 30/06/2016"),
        ("la02", ""),
        ("la03", "\n"),
        ("la09", ",,"),
    ],
)
def test_a_title_without_separators_and_blank_first_lines_are_no_fault(inbox, authority, above):
    def change(text: str) -> str:
        text = text.lstrip("\ufeff")
        row = registry.shape(authority).datasets["families"].header_row
        return "\n".join([above, *text.split("\n")[row - 1 :]])

    spoil.change_text(inbox, authority, "families", change)
    found = judged(inbox, authority)
    assert found.outcome == "accepted", found.findings
    plain = undisturbed(authority, "families").drop("row_number")
    assert found.named["families"].frame.drop("row_number").equals(plain)


@pytest.mark.parametrize(
    ("authority", "title"),
    [
        ("la02", "Families report"),
        ("la04", "Families report; run 30/06/2016"),
        ("la10", "Families report\n\nrun 30/06/2016"),
    ],
)
def test_a_title_that_is_not_declared_is_named_and_a_declared_one_is_read(inbox, authority, title):
    row = title.count("\n") + 2
    spoil.change_text(
        inbox, authority, "families", lambda text: f"{title}\n" + text.lstrip("\ufeff")
    )
    found = judged(inbox, authority)
    line = said(found, "TITLE_ABOVE_HEADINGS")
    assert (found.outcome, line.row) == ("rejected", 1)
    shape = registry.shape(authority)
    families = shape.datasets["families"].model_copy(update={"header_row": row})
    declared = shape.model_copy(update={"datasets": {**shape.datasets, "families": families}})
    found = validate(authority, MONTH, declared, inbox / authority, {})
    assert found.outcome == "accepted", found.findings
    plain = undisturbed(authority, "families").drop("row_number")
    assert found.named["families"].frame.drop("row_number").equals(plain)


@pytest.mark.parametrize(
    ("authority", "dataset", "label"),
    [
        ("la07", "families", "Grand Total"),
        ("la07", "incidents", "Totals:"),
        ("la02", "incidents", "Overall"),
        ("la03", "incidents", ""),
        ("la09", "incidents", "Grand total"),
        ("la10", "attendance", "Sum"),
    ],
)
def test_a_totals_row_is_set_aside_in_any_words(inbox, authority, dataset, label):
    rows = spoil.text_rows(inbox, authority, dataset)
    plain = undisturbed(authority, dataset)
    if rows[-1][0] == "TOTAL":
        rows[-1][0] = label
    else:
        sums = [_sum([row[n] for row in rows[1:]]) for n in range(len(rows[0]))]
        rows.append([label, *sums[1:]])
    spoil.write_rows(inbox, authority, dataset, rows)
    found = judged(inbox, authority)
    assert found.outcome == "accepted", found.findings
    assert found.named[dataset].frame.equals(plain)
    assert found.rows[dataset][2] == 1


def _sum(cells: list[str]) -> str:
    figures = [int(cell) for cell in cells if cell.strip().isdigit()]
    return str(sum(figures)) if len(figures) > len(cells) / 2 else ""


@pytest.mark.parametrize(
    ("authority", "dataset"), [("la04", "people"), ("la10", "people"), ("la10", "families")]
)
def test_utf_8_where_another_encoding_is_declared_is_named(inbox, authority, dataset):
    path = file_of(inbox, authority, dataset)
    text = path.read_bytes().decode("cp1252")
    path.write_bytes((text if not text.isascii() else text.replace("a", "ë", 1)).encode("utf-8"))
    found = judged(inbox, authority)
    line = said(found, "ENCODING_IS_UTF_8")
    assert (found.outcome, line.file_name) == ("rejected", path.name)
    assert "the file saved as cp1252" in line.message


@pytest.mark.parametrize("authority", ["la09", "la07", "la03", "la02"])
def test_a_comma_before_decimals_is_refused_by_name_or_read_as_declared(
    inbox, authority, tmp_path, monkeypatch
):
    plain = undisturbed(authority, "interventions")["hours_per_week"]
    spoil.change_cells(
        inbox, authority, "interventions", "hours_per_week", lambda text: text.replace(".", ",")
    )
    found = judged(inbox, authority)
    assert found.outcome == "rejected"
    assert said(found, "DECIMAL_COMMA").heading
    home = tmp_path / "dbt"
    shutil.copytree("dbt_project", home, ignore=shutil.ignore_patterns("target"))
    rows = home / "seeds/declarations/authority_declarations.csv"
    row = "decimal_sign,interventions.hours_per_week,comma,2014-09-01,,cover note"
    lines = rows.read_text("utf-8").rstrip("\n").split("\n")
    columns = lines[0].count(",")
    declared = f"{authority},{row},role:la-analyst,2016-06-30"
    lines.append(declared + "," * (columns - declared.count(",")))
    rows.write_text("\n".join(lines) + "\n", "utf-8")
    monkeypatch.setenv("TF_DBT_DIR", str(home))
    found = judged(inbox, authority)
    assert found.outcome == "accepted", found.findings
    assert found.named["interventions"].frame["hours_per_week"].equals(plain)


@pytest.mark.parametrize("authority", ["la02", "la03", "la09"])
def test_an_invisible_sign_in_a_heading_is_shown(inbox, authority):
    field = {"la02": "end_date"}.get(authority, "start_date")

    def change(text: str) -> str:
        head = text.split("\n")[0]
        rules = month_rules(authority, MONTH)
        known = rules.crosswalk.filter(dataset="families", field=field)
        heading = next(h for h in head.split(",") if spoil._key(h) in set(known["heading_key"]))
        return text.replace(heading, heading[:2] + "\u200b" + heading[2:], 1)

    spoil.change_text(inbox, authority, "families", change)
    found = judged(inbox, authority)
    assert found.outcome == "held"
    assert 'U+200B after "' in str(said(found, "HEADING_MISSING"))


@pytest.mark.parametrize("authority", ["la02", "la05", "la08"])
def test_what_systems_leave_next_to_files_is_ignored(inbox, authority):
    sent = file_of(inbox, authority, "families").name
    for clutter in (
        ".DS_Store", "Thumbs.db", "THUMBS.DB", f"~${sent}", f"__MACOSX/{sent}", f"._{sent}",
        "Desktop.ini",
    ):  # fmt: skip
        path = inbox / authority / clutter
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    assert judged(inbox, authority).outcome == "accepted"
