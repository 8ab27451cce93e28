"""Spoils one delivery in one way, in the shape of any authority: its file, heading and sheet."""

import csv
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from tests.support.delivered import file_of
from tf_pipeline.authorities import registry
from tf_pipeline.ingest.workbook_parts import workbook_parts
from tf_pipeline.naming import words_key
from tf_pipeline.rules.month_rules import month_rules

Change = Callable[[str], str]
WITH_2013 = (
    '<extLst><ext uri="{140A7094-0E35-4892-8432-C4D2E57EDEB5}" '
    'xmlns:x15="http://schemas.microsoft.com/office/spreadsheetml/2010/11/main">'
    '<x15:workbookPr chartTrackingRefBase="1"/></ext></extLst></workbook>'
)


def change_cells(inbox: Path, authority: str, dataset: str, field: str, change: Change) -> int:
    """Changes each filled cell of a field; how many there are. `change` sees the delivered text."""
    month = inbox.name
    rules = month_rules(authority, month)
    known = rules.crosswalk.filter(dataset=dataset, field=field)["heading_key"]
    if registry.shape(authority).datasets[dataset].format == "excel":
        return _change_sheet_cells(inbox, authority, dataset, set(known), change)
    rows = text_rows(inbox, authority, dataset)
    first = registry.shape(authority).datasets[dataset].header_row
    column = next(n for n, cell in enumerate(rows[first - 1]) if _key(cell) in set(known))
    filled = [row for row in rows[first:] if row[column].strip()]
    for row in filled:
        row[column] = change(row[column])
    write_rows(inbox, authority, dataset, rows)
    return len(filled)


def text_rows(inbox: Path, authority: str, dataset: str) -> list[list[str]]:
    """The cells of a text file, row by row."""
    shape = registry.shape(authority).datasets[dataset]
    text = file_of(inbox, authority, dataset).read_bytes().decode(shape.encoding)
    return list(csv.reader(StringIO(text.lstrip("\ufeff")), delimiter=shape.delimiter))


def write_rows(inbox: Path, authority: str, dataset: str, rows: list[list[str]]) -> None:
    """Writes a text file in the authority's own form, quoted only where it must be."""
    shape = registry.shape(authority).datasets[dataset]
    text = StringIO()
    csv.writer(text, delimiter=shape.delimiter, lineterminator="\n").writerows(rows)
    file_of(inbox, authority, dataset).write_bytes(text.getvalue().encode(shape.encoding))


def change_text(inbox: Path, authority: str, dataset: str, change: Change) -> None:
    """Changes the whole text of a file."""
    path = file_of(inbox, authority, dataset)
    encoding = registry.shape(authority).datasets[dataset].encoding
    text = path.read_bytes().decode(encoding).replace("\r\n", "\n")
    path.write_bytes(change(text).encode(encoding))


def change_sheet(inbox: Path, authority: str, dataset: str, change: Change) -> None:
    """Changes the XML of a dataset's sheet."""
    sheet = registry.shape(authority).datasets[dataset].sheet
    path = file_of(inbox, authority, dataset)
    with ZipFile(path) as book:
        found = workbook_parts(book)
    assert found and sheet
    _change_part(path, found.sheets[sheet], change)


def date_from_1904(inbox: Path, authority: str, mark: str) -> None:
    """Marks a workbook as one whose dates count from 1904, as Excel 2013 and later do."""

    def change(xml: str) -> str:
        xml = re.sub(r"<workbookPr[^>]*/>", f'<workbookPr date1904="{mark}"/>', xml)
        return xml.replace("</workbook>", WITH_2013)

    _change_part(file_of(inbox, authority, "families"), "xl/workbook.xml", change)


def prefixed(xml: str) -> str:
    """A sheet's XML with a prefix before every tag, as some libraries write it."""
    xml = xml.replace("<worksheet xmlns=", "<worksheet xmlns:x=", 1)
    return re.sub(r"<(/?)(?=[A-Za-z])", r"<\1x:", xml)


def last_cell(reference: str) -> Change:
    """Adds a cell that is far from all others."""
    row = re.sub(r"\D", "", reference)
    cell = f'<row r="{row}"><c r="{reference}" t="inlineStr"><is><t>x</t></is></c></row>'
    return lambda xml: xml.replace("</sheetData>", f"{cell}</sheetData>")


def _change_part(path: Path, part: str, change: Change) -> None:
    with ZipFile(path) as book:
        content = {name: book.read(name) for name in book.namelist()}
    content[part] = change(content[part].decode()).encode()
    with ZipFile(path, "w", ZIP_DEFLATED) as book:
        for name, data in content.items():
            book.writestr(name, data)


def _change_sheet_cells(
    inbox: Path, authority: str, dataset: str, known: set[str], change: Change
) -> int:
    """`change` sees a cell's XML, such as `<c r="A5" t="inlineStr"><is><t>F1</t></is></c>`."""
    count = 0
    first = registry.shape(authority).datasets[dataset].header_row

    def of_sheet(xml: str) -> str:
        nonlocal count
        titles = re.findall(rf'<c r="([A-Z]+){first}"[^>]*><is><t[^>]*>([^<]*)<', xml)
        column = next(letters for letters, text in titles if _key(text) in known)
        cell = re.compile(rf'<c r="{column}(\d+)"[^>]*>.*?</c>')

        def of_cell(found: re.Match[str]) -> str:
            nonlocal count
            if int(found[1]) <= first:
                return found[0]
            count += 1
            return change(found[0])

        return cell.sub(of_cell, xml)

    change_sheet(inbox, authority, dataset, of_sheet)
    return count


def _key(heading: str) -> str:
    return words_key(re.sub(r"\d+", "{n}", heading, count=1) if "{n}" in heading else heading)
