"""Suites as files: reads `expectations/<name>.json` and says what is wrong with a file.

Belongs here: the form of a suite, checked without Great Expectations, so that the code location
loads quickly. Does not belong here: checking a suite with Great Expectations (`gx_check.py`),
evaluating it (`gate.py`), composing it (`delivery_suite.py`).
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from tf_pipeline import paths
from tf_pipeline.authorities import registry
from tf_pipeline.errors import UserFacingError
from tf_pipeline.naming import delivery_key, suite_name
from tf_pipeline.quality.delivery_rules import SUITE as SHARED
from tf_pipeline.quality.delivery_suite import compose, overrides_of, overrides_path, rule_key
from tf_pipeline.quality.expectation import used_parameters
from tf_pipeline.vocabulary import Severity

# a path, its time of change and its size: a suite in memory is read again when one changes
File = tuple[Path, int, int]
# GX reads a parameter as arithmetic; a plain name keeps it a name
PARAMETER_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")


class SuiteProblem(UserFacingError):
    """A suite file cannot be used; the message names the file and the fault."""

    def __init__(self, file_name: str, what: str, number: int | None = None) -> None:
        about = what if number is None else f"expectation {number}: {what}"
        super().__init__(f"expectations/{file_name}: {about}")
        self.file_name = file_name
        self.what = about
        self.number = number


def suite_names() -> list[str]:
    """The names of all suites, sorted: those with a file, and one delivery suite per authority.

    Templates in sub-folders are not suites.
    """
    names = {path.stem for path in paths.expectations_dir().glob("*.json")}
    if SHARED in names:
        names |= {suite_name(delivery_key(authority)) for authority in registry.authorities()}
    return sorted(names - {SHARED})


def read_suite(name: str, month: str | None = None) -> dict[str, Any]:
    """The JSON of one suite, its form checked without importing Great Expectations.

    The delivery suite of an authority is composed (`delivery_suite.py`), with the overrides of a
    month, or without overrides. Callers share it and must not change it. Raises SuiteProblem if
    the file is missing or unreadable or has another name inside; if an expectation lacks its type,
    severity, `meta.why` or a unique id; or if it uses a parameter that the suite declares neither
    in `suite_parameters` (a default) nor in `meta.parameters` (given by the caller).
    """
    authority = name.removeprefix(f"{SHARED}.")
    return read_file(name) if authority == name else _delivery(authority, month)


def _delivery(authority: str, month: str | None) -> dict[str, Any]:
    folder = paths.expectations_dir()
    files = (
        folder / f"{SHARED}.json",
        overrides_path(),
        paths.authorities_dir() / f"{authority}.yml",
        paths.seeds_dir() / "crosswalks/xwalk_headings.csv",
        paths.seeds_dir() / "reference/ref_fields.csv",
    )
    return _composed(authority, month, tuple(map(_as_now, files)))


def _as_now(path: Path) -> File:
    if not path.exists():
        return path, 0, 0
    now = path.stat()
    return path, now.st_mtime_ns, now.st_size


@lru_cache(maxsize=256)
def _composed(authority: str, month: str | None, files: tuple[File, ...]) -> dict[str, Any]:
    try:
        shape = registry.shape(authority)
    except registry.ShapeProblem as problem:
        raise SuiteProblem(
            f"{SHARED}.json", f"cannot be composed for {authority}: {problem}"
        ) from None
    name = suite_name(delivery_key(authority))
    suite = compose(_shared(files[0]), name, shape, overrides_of(authority, month))
    check_form(suite, f"{SHARED}.json")
    return suite


@lru_cache(maxsize=4)
def _shared(_file: File) -> dict[str, Any]:
    return read_file(SHARED)


def _check_shared(suite: Mapping[str, Any]) -> None:
    """Each rule that every authority shares has a dataset and a name of its own."""
    seen = set()
    for number, rule in enumerate(suite["expectations"], start=1):
        if not rule["meta"].get("dataset"):
            raise SuiteProblem(f"{SHARED}.json", "has no meta.dataset", number)
        if (key := rule_key(rule)) in seen:
            what = "has the same dataset, field and name as another; give it a name in meta.rule"
            raise SuiteProblem(f"{SHARED}.json", what, number)
        seen.add(key)


def read_file(name: str) -> dict[str, Any]:
    """A suite as its file has it. Raises SuiteProblem as `read_suite` does."""
    file_name = f"{name}.json"
    path = paths.expectations_dir() / file_name
    try:
        suite = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SuiteProblem(file_name, "the file does not exist") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise SuiteProblem(file_name, f"cannot be read ({type(error).__name__})") from None
    check_form(suite, file_name)
    if suite["name"] != name:
        raise SuiteProblem(file_name, f"its \"name\" is '{suite['name']}'; expected '{name}'")
    if name == SHARED:
        _check_shared(suite)
    return suite


def check_form(suite: Any, file_name: str) -> None:
    """Raise SuiteProblem if a suite lacks what this project requires of every suite."""
    if not isinstance(suite, dict) or not isinstance(suite.get("name"), str):
        raise SuiteProblem(file_name, "is not a suite with a name")
    expectations = suite.get("expectations")
    if not isinstance(expectations, list) or not expectations:
        raise SuiteProblem(file_name, "has no expectations")
    declared = declared_parameters(suite)
    seen: set[str] = set()
    for number, expectation in enumerate(expectations, start=1):
        for what in _expectation_problems(expectation, declared, seen):
            raise SuiteProblem(file_name, what, number)
        seen.add(expectation["id"])


def declared_parameters(suite: Mapping[str, Any]) -> set[str]:
    """Names of the parameters that have a default in a suite or come from the caller."""
    meta = suite.get("meta") or {}
    return {*(suite.get("suite_parameters") or {}), *(meta.get("parameters") or {})}


def arguments_to_show(
    expectation: Mapping[str, Any], values: Mapping[str, object]
) -> dict[str, Any]:
    """Arguments as a page may show them: of a list given at run time only size and name."""
    shown = dict(expectation["kwargs"])
    for argument, name in used_parameters(expectation).items():
        value = values.get(name)
        if isinstance(value, list | tuple | set | frozenset):
            shown[argument] = [f"{len(value)} accepted ({name})"]
        elif isinstance(value, int | float | str):
            shown[argument] = value
    return shown


def usual_rows(dataset: str) -> str:
    """The parameter with the rows of a dataset in the current delivery, for `share_of_last`."""
    return f"{dataset}_rows_usual"


def shares_of_last(suite: Mapping[str, Any]) -> dict[str, float]:
    """Dataset → `meta.share_of_last`: the least share of the current delivery's rows."""
    metas = [expectation["meta"] for expectation in suite["expectations"]]
    return {m["dataset"]: float(m["share_of_last"]) for m in metas if "share_of_last" in m}


def _expectation_problems(expectation: Any, declared: set[str], seen: set[str]) -> Iterator[str]:
    if not isinstance(expectation, dict) or not isinstance(expectation.get("type"), str):
        yield "has no type"
        return
    if not isinstance(expectation.get("kwargs"), dict):
        yield "has no kwargs"
        return
    if (severity := expectation.get("severity")) not in list(Severity):
        yield f"severity '{severity or ''}' is not known; accepted: {', '.join(Severity)}"
    why = (expectation.get("meta") or {}).get("why")
    if not isinstance(why, str) or not why.strip():
        yield "has no meta.why"
    identity = expectation.get("id")
    if not isinstance(identity, str) or not identity:
        yield "has no id"
    elif identity in seen:
        yield f"has the same id as another ({identity})"
    if isinstance(expectation["kwargs"].get("row_condition"), str):
        yield "row_condition must be a condition object; its text form is deprecated"
    for parameter in used_parameters(expectation).values():
        if not isinstance(parameter, str) or not PARAMETER_NAME.match(parameter):
            yield f"parameter '{parameter}' is not a plain name"
        elif parameter not in declared:
            yield f"unknown parameter '{parameter}'"
