"""Reads a workbook as a ZIP file; a damaged workbook never stops a load."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from lzma import LZMAError
from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile

from tf_pipeline.ingest.bounds import MB, Bounds, too_large


class Damaged(Exception):
    """The file is marked as a ZIP file, but its parts cannot be read."""


# what Python's ZIP reader raises on damaged bytes; for a file in memory also OSError
RAISED = (
    BadZipFile, zlib.error, LZMAError, EOFError, NotImplementedError, RuntimeError, OSError,
    ValueError, KeyError, OverflowError, struct.error,
)  # fmt: skip


@contextmanager
def parts(path: Path) -> Iterator[ZipFile | None]:
    """The parts of a workbook; None for a file that is not a ZIP. Reading them may raise Damaged.

    The whole file is read first, so that a disk error is not reported as a damaged workbook.
    """
    if not is_zipfile(path):
        yield None
        return
    content = BytesIO(path.read_bytes())
    try:
        with ZipFile(content) as found:
            yield found
    except RAISED as error:
        raise Damaged from error


def check_unpacked(book: ZipFile, bounds: Bounds, **place) -> None:
    """Raises DeliveryProblem (rejected) if a workbook would unpack to more than the bounds.

    Python's reader never unpacks a part beyond the size that the workbook declares for it.
    """
    sizes = book.infolist()
    unpacked = sum(one.file_size for one in sizes) // MB
    if unpacked > bounds.unpacked_mb:
        raise too_large("unpacked_mb", unpacked, bounds, **place)
    for one in sizes:
        ratio = one.file_size // max(one.compress_size, 1)
        if one.file_size > MB and ratio > bounds.unpacked_ratio:
            raise too_large("unpacked_ratio", ratio, bounds, **place)
