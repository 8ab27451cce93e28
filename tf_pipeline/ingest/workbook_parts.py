"""Says which part of a workbook holds which sheet, and whether its dates count from 1904.

Belongs here: `workbook.xml` and its relations, under any prefix and in Excel's strict form.
Does not belong here: the cells of a sheet (`sheet_scan.py`, `excel_cells.py`).
"""

from dataclasses import dataclass
from io import BytesIO
from posixpath import join, normpath
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_STORED, ZipFile

from tf_pipeline.ingest.zipped import Damaged

BOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
TRUE = {"1", "true", "on"}
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@dataclass(frozen=True)
class WorkbookParts:
    """`sheets`: sheet name → its part, in order. `links`: sheet name → (id, relation)."""

    sheets: dict[str, str]
    links: dict[str, tuple[str, str]]
    is_from_1904: bool


def workbook_parts(book: ZipFile) -> WorkbookParts | None:
    """The sheets of a workbook; None if it is not in Excel's XML form. Raises Damaged."""
    if not {BOOK, RELATIONS} <= set(book.namelist()):
        return None
    targets = {
        one.get("Id", ""): normpath(join("/xl", one.get("Target", ""))).lstrip("/")
        for one in _read(book.read(RELATIONS))
    }
    sheets: dict[str, str] = {}
    links: dict[str, tuple[str, str]] = {}
    is_from_1904 = False
    for one in _read(book.read(BOOK)):
        if _local(one.tag) == "workbookPr":
            is_from_1904 = one.get("date1904", "0").strip().lower() in TRUE
        elif _local(one.tag) == "sheets":
            for sheet in one:
                link = next((v for k, v in sheet.items() if k.endswith("}id")), "")
                sheets[sheet.get("name", "")] = targets.get(link, "")
                links[sheet.get("name", "")] = (sheet.get("sheetId", "1"), link)
    return WorkbookParts(sheets, links, is_from_1904)


def plainly_from_1904(book: ZipFile, found: WorkbookParts) -> bytes:
    """The workbook with a plain mark of the 1904 dates.

    The Excel reader overlooks the mark if an extension of a later Excel follows it.
    """
    content = BytesIO()
    sheets = "".join(
        f"<sheet name={quoteattr(name)} sheetId={quoteattr(number)} r:id={quoteattr(link)}/>"
        for name, (number, link) in found.links.items()
    )
    with ZipFile(content, "w", ZIP_STORED) as plain:
        for name in book.namelist():
            if name != BOOK:
                plain.writestr(name, book.read(name))
        plain.writestr(
            BOOK,
            f'<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="{MAIN}" xmlns:r="{LINK}">'
            f'<workbookPr date1904="1"/><sheets>{sheets}</sheets></workbook>',
        )
    return content.getvalue()


def _read(content: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in content:
        raise Damaged("a document type")
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise Damaged from error


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]
