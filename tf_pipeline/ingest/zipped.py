"""A workbook as the ZIP file that it is; one that is damaged never stops a load."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from lzma import LZMAError
from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile


class Damaged(Exception):
    """The file says that it is a ZIP, and its parts cannot be read."""


# what Python's reader raises on bytes that no writer wrote; in memory an OSError is one of them
RAISED = (
    BadZipFile, zlib.error, LZMAError, EOFError, NotImplementedError, RuntimeError, OSError,
    ValueError, KeyError, OverflowError, struct.error,
)  # fmt: skip


@contextmanager
def parts(path: Path) -> Iterator[ZipFile | None]:
    """The parts of a workbook; None for a file that is no ZIP. Raises Damaged while they are read.

    The file is read at once, so that an error of the disk is not taken for one of the workbook.
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
