"""One dataset of a delivery as it was opened."""

from dataclasses import dataclass

from tf_pipeline.ingest.rows import Rows


@dataclass(frozen=True)
class OpenedDataset:
    """One dataset of a delivery with its origin: file, content hash, sheet, date formats.

    `lines` and `records` of the file or sheet are counted without its reader.
    """

    dataset: str
    file_name: str
    file_sha256: str
    sheet: str | None
    date_formats: list[str]
    header_row: int
    rows: Rows
    made: tuple[str, ...] = ()
    lines: int = 0
    records: int = 0
