"""How large a delivered file may be, from `bounds.yml` (TF_BOUNDS names another file).

Belongs here: the bounds, and the finding of a file beyond one.
Does not belong here: measuring a file, which each reader does before it reads.
"""

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from tf_pipeline import paths
from tf_pipeline.errors import UserFacingError
from tf_pipeline.ingest.delivery_problem import DeliveryProblem, problem

MB = 1 << 20
OR_MORE = " or more"
# what a bound of the same name counts
COUNTED = {
    "file_mb": "MB",
    "unpacked_mb": "MB when unpacked",
    "unpacked_ratio": "times the packed size when unpacked",
    "rows": "rows or lines",
    "columns": "columns",
    "cells": "cells",
    "cell_characters": "characters in one cell",
    "heading_characters": "characters in one heading",
}


class BoundsProblem(UserFacingError):
    """The file of bounds is missing or wrong; the message names the key and what is accepted."""


@dataclass(frozen=True)
class Bounds:
    """Each bound by its name in the file; whole numbers above 0."""

    memory_mb: int
    seconds: int
    file_mb: int
    unpacked_mb: int
    unpacked_ratio: int
    rows: int
    columns: int
    cells: int
    cell_characters: int
    heading_characters: int
    blank_rows_between: int
    blank_columns_between: int


def bounds() -> Bounds:
    """The bounds in force. Raises BoundsProblem."""
    path = paths.bounds_path()
    if not path.is_file():
        raise BoundsProblem(f"{path}: no such file; TF_BOUNDS names a file like ingest/bounds.yml")
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read(path: Path, _modified: int) -> Bounds:
    from tf_pipeline.yaml_files import read_yaml

    found = read_yaml(path.read_text("utf-8")) or {}
    names = {one.name for one in fields(Bounds)}
    for name in sorted(names.symmetric_difference(found)):
        wrong = "is not a bound" if name in found else "is missing"
        raise BoundsProblem(f"{path.name}: {name} {wrong}; expected: {', '.join(sorted(names))}")
    for name, value in found.items():
        if type(value) is not int or value < 1:
            raise BoundsProblem(f"{path.name}: {name} is {value!r}; accepted: 100")
    return Bounds(**found)


def too_large(name: str, found: int, limits: Bounds, or_more: str = "", **place) -> DeliveryProblem:
    """The problem of a file beyond the bound `name`; `or_more` if counting stopped at `found`."""
    return problem(
        "FILE_TOO_LARGE",
        found=f"{found:,}{or_more}",
        counted=COUNTED[name],
        most=f"{getattr(limits, name):,}",
        bound=name,
        **place,
    )
