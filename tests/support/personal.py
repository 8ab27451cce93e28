"""Puts an invented person into deliveries, and searches everything written for her."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from tf_pipeline.authorities import registry
from tf_pipeline.naming import words_key
from tf_pipeline.rules.month_rules import month_rules

FORENAME, SURNAME = "Zyxwhistle", "O'Qvarnstrom"
NAME = f"{FORENAME} {SURNAME}"
ADDRESS, NINO, UPN, LOCAL_ID = "77 Wyvernquist Close", "QQ987654C", "Z987654321098", "Blorptangle-7"
BIRTHS = ("1937-11-23", "23/11/1937", "23.11.1937", "23-Nov-37", "23 November 1937")
# texts that find each value, in any escaping or spelling
TRACES = ("zyxwhistle", "qvarnstrom", "wyvernquist", "qq987654", "z987654321098", "blorptangle")
TRACES += tuple(birth.lower() for birth in BIRTHS)
WHO = {
    "forename": FORENAME, "surname": SURNAME, "full_name": NAME, "comments": f"={NAME}",
    "address": ADDRESS, "nino": NINO, "upn": UPN, "key_worker": NAME, "workers": NAME,
}  # fmt: skip

Lines = list[list[str]]


def birth(authority: str) -> str:
    """Her birth date in the authority's date format."""
    first = registry.shape(authority).date_formats[0]
    looks = {"%Y-%m-%d": 0, "%d/%m/%Y": 1, "%d.%m.%Y": 2, "%d-%b-%y": 3, "%d %B %Y": 4}
    return BIRTHS[looks[first]]


def file_of(month: Path, authority: str, dataset: str) -> Path:
    (path,) = (month / authority).glob(registry.shape(authority).datasets[dataset].files)
    return path


def edit(month: Path, authority: str, dataset: str, change: Callable[[Lines], object]) -> None:
    """Rewrites a text file; `change` changes its lines of cells."""
    path, shape = file_of(month, authority, dataset), registry.shape(authority).datasets[dataset]
    lines = list(csv.reader(io.StringIO(path.read_text(shape.encoding)), delimiter=shape.delimiter))
    change(lines)
    text = io.StringIO()
    csv.writer(text, delimiter=shape.delimiter, lineterminator="\n").writerows(lines)
    path.write_text(text.getvalue(), shape.encoding)


def plant(month: Path, authority: str, dataset: str, row: int, cells: dict[str, str]) -> None:
    """Puts texts below the headings of these fields; `row` counts from the first data row."""
    known = month_rules(authority, month.name).crosswalk
    field_of = dict(
        known.filter(known["dataset"] == dataset).select("heading_key", "field").iter_rows()
    )
    place = registry.shape(authority).datasets[dataset].header_row - 1

    def change(lines: Lines) -> None:
        for column, heading in enumerate(lines[place]):
            field = field_of.get(words_key(heading.strip("\ufeff")))
            if field in cells:
                lines[place + row][column] = cells[field]

    edit(month, authority, dataset, change)


def plant_everywhere(month: Path, authority: str) -> None:
    """Puts her into the first row of every list of people, families and work."""
    for dataset in ("people", "families", "interventions", "attendance"):
        who = WHO | ({"date_of_birth": birth(authority)} if dataset == "people" else {})
        plant(month, authority, dataset, 1, who)


def edit_workbook(path: Path, part: str, change: Callable[[str], str]) -> None:
    """Rewrites the parts of a workbook whose name contains `part`."""
    made = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            content = old.read(name)
            if part in name:
                content = change(content.decode()).encode()
            new.writestr(name, content)
    path.write_bytes(made.getvalue())


def traces(content: str | bytes) -> set[str]:
    """The traces of her in a text or file, including the files in a zipped file."""
    if isinstance(content, bytes) and zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return {one for name in book.namelist() for one in traces(book.read(name))}
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    lower = text.lower()
    return {trace for trace in TRACES if trace in lower}


def traces_in_files(folder: Path, leave_out: str) -> Iterator[tuple[str, set[str]]]:
    """Files below a folder, also hidden ones, with a trace; skips paths that match `leave_out`."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if (
            path.is_file()
            and not re.search(leave_out, name)
            and (found := traces(path.read_bytes()))
        ):
            yield name, found


def traces_in_tables(path: Path, where: str = "true") -> dict[str, set[str]]:
    """Tables of a DuckDB file that meet a condition and have a trace in any column."""
    found = {}
    with duckdb.connect(str(path), read_only=True) as connection:
        for schema, table in connection.execute(
            f"select schema_name, table_name from duckdb_tables() where not internal and {where}"
        ).fetchall():
            name = f'"{schema}"."{table}"'
            like = " or ".join(f"lower(t::varchar) like '%{trace}%'" for trace in TRACES)
            rows = connection.execute(f"select t::varchar from {name} as t where {like}").fetchall()
            if rows:
                found[f"{schema}.{table}"] = {one for (row,) in rows for one in traces(row)}
    return found
