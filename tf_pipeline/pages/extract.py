"""The empty extract workbook, to fill in and send: one sheet per dataset with GM's headings.

Belongs here: writing it. Does not belong here: which fields it has (`authorities/workbook.py`).
"""

from datetime import date
from pathlib import Path
from typing import Any

from tf_pipeline.authorities.workbook import NOTES, workbook_fields
from tf_pipeline.rules.crosswalks import seed

EXTRACT = "extract.xlsx"
LAST_ROW = 1_048_575
# cell formats that keep the typed text: leading zeros of a number, a date as a date
FORMATS = {"date": "yyyy-mm-dd", "month": "yyyy-mm", "number": "General"}
TEXT = "@"
HELP = {
    "date": "A day, such as 2016-04-30.",
    "month": "Any day of the month.",
    "number": "Digits; blank if it is not known.",
}
NOTE_HEADINGS = ("Sheet", "Heading", "Meaning", "Allowed words", "Essential")
# Excel's limits for a list, a title and a message next to a cell
LONGEST_LIST, LONGEST_TITLE, LONGEST_MESSAGE = 255, 32, 255


def write_extract(month: str, folder: Path) -> Path:
    """Writes `extract.xlsx` for a month; the sheets that a load reads contain only headings."""
    import xlsxwriter

    path = folder / EXTRACT
    fields = list(workbook_fields(month).iter_rows(named=True))
    allowed: dict[str, list[str]] = {}
    for domain, value in seed("reference/ref_values.csv").select("domain", "value").iter_rows():
        allowed.setdefault(domain, []).append(value)
    with xlsxwriter.Workbook(str(path)) as book:
        bold = book.add_format(
            {"bold": True, "bg_color": "#EEF1F4", "border": 1, "num_format": TEXT}
        )
        wrapped = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        formats = {
            kind: book.add_format({"num_format": how})
            for kind, how in (FORMATS | {"": TEXT}).items()
        }
        notes = [
            (
                one["dataset"], one["field"], one["description"] or "",
                "; ".join(_words(one, allowed)), "yes" if one["is_essential"] == "true" else "no",
            )
            for one in fields
        ]  # fmt: skip
        for dataset in dict.fromkeys(one["dataset"] for one in fields):
            sheet = book.add_worksheet(dataset)
            sheet.freeze_panes(1, 0)
            of_sheet = [one for one in fields if one["dataset"] == dataset]
            for column, one in enumerate(of_sheet):
                kind = one["data_type"] if one["data_type"] in FORMATS else ""
                sheet.set_column(column, column, max(12, len(one["field"]) + 4), formats[kind])
                sheet.write_string(0, column, one["field"], bold)
                sheet.data_validation(1, column, LAST_ROW, column, _validation(one, allowed))
        sheet = book.add_worksheet(NOTES)
        for column, width in enumerate((16, 24, 70, 60, 10)):
            sheet.set_column(column, column, width)
        for row, cells in enumerate([NOTE_HEADINGS, *notes]):
            for column, text in enumerate(cells):
                sheet.write_string(row, column, text, wrapped if row else bold)
        sheet.freeze_panes(1, 0)
    return path


def _words(one: dict[str, Any], allowed: dict[str, list[str]]) -> list[str]:
    return allowed.get(one["domain"], []) if one["data_type"] == "word" else []


def _validation(one: dict[str, Any], allowed: dict[str, list[str]]) -> dict[str, Any]:
    """The values allowed below a heading, and Excel's message next to the cell."""
    help_text = f"{one['description'] or one['field']}. {HELP.get(one['data_type'], '')}".strip()
    shown = {
        "input_title": one["field"][:LONGEST_TITLE],
        "input_message": help_text[:LONGEST_MESSAGE],
    }
    words = _words(one, allowed)
    if words and len(",".join(words)) <= LONGEST_LIST:
        return shown | {"validate": "list", "source": words}
    if one["data_type"] in ("date", "month"):
        earliest = {"criteria": ">=", "value": date(1900, 1, 1)}
        return shown | {"validate": "date", "error_type": "warning"} | earliest
    return shown | {"validate": "any"}
