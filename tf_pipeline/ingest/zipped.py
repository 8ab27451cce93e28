"""Reads a workbook as a ZIP file; a damaged workbook never stops a load."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from lzma import LZMAError
from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile


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
