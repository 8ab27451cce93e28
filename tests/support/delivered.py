"""Files of deliveries for tests: which authority sends what, and lines to change."""

from pathlib import Path

import duckdb

from tf_pipeline.authorities import registry
from tf_pipeline.rules.month_rules import month_rules


def of_format(kind: str) -> list[str]:
    """Authorities that send families as text (csv) or as a workbook (excel)."""
    return [
        a for a in registry.authorities() if registry.shape(a).datasets["families"].format == kind
    ]


def text_authorities() -> list[str]:
    """Authorities that send people and families as plain text with one heading row."""
    shapes = {name: registry.shape(name).datasets["families"] for name in of_format("csv")}
    return [a for a, shape in shapes.items() if shape.header_row == 1 and not shape.totals_row]


def file_of(folder: Path, authority: str, dataset: str) -> Path:
    """The file of a dataset in `<folder>/<authority>`."""
    (path,) = (folder / authority).glob(registry.shape(authority).datasets[dataset].files)
    return path


def delivered_heading(text: str, authority: str, field: str, month: str = "2016-06") -> str:
    """The heading of a families field, as written in a file's text."""
    known = month_rules(authority, month).crosswalk.filter(dataset="families", field=field)
    opening = registry.shape(authority).datasets["families"]
    row = text.splitlines()[opening.header_row - 1].split(opening.delimiter)
    keys = known["heading_key"].to_list()
    return next(h for h in row if " ".join(h.split()).lower().strip("\ufeff") in keys)


def lines_of(path: Path, authority: str, dataset: str) -> list[str]:
    """A text file's lines."""
    encoding = registry.shape(authority).datasets[dataset].encoding
    return path.read_text(encoding).replace("\r\n", "\n").rstrip("\n").split("\n")


def rewrite(path: Path, authority: str, dataset: str, lines: list[str]) -> None:
    """Writes a text file's lines."""
    encoding = registry.shape(authority).datasets[dataset].encoding
    path.write_text("\n".join(lines) + "\n", encoding)


def never_sent(data: Path, which: str) -> None:
    """Removes deliveries from every table of raw, as if they had never arrived."""
    with duckdb.connect(str(data / "warehouse/warehouse.duckdb")) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw'"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f'delete from raw."{table}" where {which}')
