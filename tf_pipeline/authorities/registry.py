"""The list of authorities: one YAML file each; adding one needs no code."""

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from tf_pipeline import paths
from tf_pipeline.authorities.spec import AuthorityShape
from tf_pipeline.authorities.workbook import workbook_shape
from tf_pipeline.errors import UserFacingError
from tf_pipeline.yaml_files import read_yaml


class ShapeProblem(UserFacingError):
    """An authority's YAML is invalid; the message names the file, the key and the error."""


def authorities() -> list[str]:
    """Ids of all authorities that have a shape, in order."""
    return sorted(path.stem for path in paths.authorities_dir().glob("*.yml"))


def shape(authority: str) -> AuthorityShape:
    """The shape of one authority's files.

    Raises ShapeProblem if the YAML is missing, malformed, or names a date format that dbt does
    not list under `vars: date_formats`.
    """
    path = paths.authorities_dir() / f"{authority}.yml"
    if not path.exists():
        raise ShapeProblem(
            f"{path.name}: the file does not exist; tf_pipeline/authorities/README.md shows how to "
            "add an authority"
        )
    return _read(path, path.stat().st_mtime_ns, paths.dbt_dir() / "dbt_project.yml")


@lru_cache
def _read(path: Path, _modified: int, dbt_project: Path) -> AuthorityShape:
    try:
        found = AuthorityShape.model_validate(workbook_shape(read_yaml(path.read_text("utf-8"))))
    except (yaml.YAMLError, ValidationError) as error:
        raise ShapeProblem(f"{path.name}: {error}") from error
    if found.authority != path.stem:
        raise ShapeProblem(f"{path.name}: authority is {found.authority}; expected {path.stem}")
    known = read_yaml(dbt_project.read_text("utf-8"))["vars"]["date_formats"]
    declared = {*found.date_formats, *(f for d in found.datasets.values() for f in d.date_formats)}
    unknown = sorted(declared - {*known, "excel_serial"})
    if unknown:
        raise ShapeProblem(
            f"{path.name}: date format {unknown[0]!r} is not in date_formats of dbt_project.yml. "
            "Add it there, or use one of: " + ", ".join(known)
        )
    return found
