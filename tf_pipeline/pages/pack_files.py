"""The two files of a fix pack: a page to read and a workbook to work through.

Belongs here: how a pack looks. Does not belong here: what is in it (`pack.py`).
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tf_pipeline import paths
from tf_pipeline.pages.pack import Pack, who_acts
from tf_pipeline.pages.render import render

PAGE, WORKBOOK = "fix-pack.html", "fix-pack.xlsx"
# Excel's limit is 32,767 characters per cell
LONGEST = 32_000
TASK_HEADINGS = (
    "Rule", "Severity", "Who must act", "Count", "Last month", "Trend",
    "What is wrong, and what to send instead", "First place",
)  # fmt: skip
LINE_HEADINGS = (
    "Rule", "Severity", "Who must act", "Dataset", "File", "Sheet", "Row", "Your heading",
    "What is wrong, and what to send instead", "Count",
)  # fmt: skip


def own_folder(month: str, authority: str) -> Path:
    """Makes the folder of a pack below the data folder; only the owner may read it."""
    folder = paths.packs_dir() / month / authority
    for one in (paths.packs_dir(), folder.parent, folder):
        one.mkdir(parents=True, exist_ok=True)
        one.chmod(0o700)
    return folder


def write_pack(pack: Pack, folder: Path) -> list[Path]:
    """Writes page and workbook into a folder, replacing each as a whole; returns their paths."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o700)
    return [
        _replace(folder / PAGE, lambda path: path.write_text(_page(pack), "utf-8")),
        _replace(folder / WORKBOOK, lambda path: _write_workbook(pack, path)),
    ]


def _replace(path: Path, write) -> Path:
    beside = path.with_name(f".{path.name}")
    write(beside)
    beside.replace(path)
    return path


def _page(pack: Pack) -> str:
    return render(
        "fix_pack.j2", pack=pack, who=lambda responsible: who_acts(responsible, pack.authority)
    )


def _write_workbook(pack: Pack, path: Path) -> None:
    tasks = [
        (
            task.rule, str(task.severity), who_acts(task.who, pack.authority), task.count,
            task.before, task.trend, task.message, task.lines[0].place(),
        )
        for task in (*pack.tasks, *pack.gone)
    ]  # fmt: skip
    lines = [
        (
            one.rule, str(one.severity), who_acts(one.responsible, pack.authority), one.dataset,
            one.file_name, one.sheet, one.row, one.heading, one.message, one.occurrences,
        )
        for one in pack.lines
    ]  # fmt: skip
    write_workbook(
        path,
        {
            "Tasks": (TASK_HEADINGS, tasks, (28, 10, 22, 8, 10, 18, 80, 50)),
            "Lines": (LINE_HEADINGS, lines, (28, 10, 22, 14, 36, 20, 8, 26, 80, 8)),
        },
    )


def write_workbook(
    path: Path, sheets: dict[str, tuple[Sequence[str], Iterable[Sequence[Any]], Sequence[int]]]
) -> None:
    """Writes sheets of headings, rows and column widths; a text is never a formula or a link."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        bold = book.add_format({"bold": True, "bg_color": "#EEF1F4", "border": 1})
        # as if typed after an apostrophe: the cell stays text when somebody edits it
        text = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        number = book.add_format({"valign": "top"})
        for name, (headings, rows, widths) in sheets.items():
            sheet = book.add_worksheet(name)
            for column, (heading, width) in enumerate(zip(headings, widths, strict=True)):
                sheet.set_column(column, column, width)
                sheet.write_string(0, column, heading, bold)
            last = 0
            for last, row in enumerate(rows, start=1):
                for column, value in enumerate(row):
                    if isinstance(value, int):
                        sheet.write_number(last, column, value, number)
                    elif value is not None:
                        sheet.write_string(last, column, str(value)[:LONGEST], text)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, last, len(headings) - 1)
