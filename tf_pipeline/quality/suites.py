"""Suites as files: reading `expectations/<name>.json` and saying what is wrong with one.

Belongs here: the form of a suite, checked without Great Expectations (`read_suite`, quick enough
for the code location's load) and with it (`check_with_gx`).
Does not belong here: running a suite (`gate.py`), making one (`stamp.py`).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tf_pipeline import paths
from tf_pipeline.errors import UserFacingError
from tf_pipeline.vocabulary import Severity

# GX reads a parameter as arithmetic; a plain name keeps it a name
PARAMETER_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")


class SuiteProblem(UserFacingError):
    """A suite file cannot be used; says which file and what is wrong with it."""

    def __init__(self, file_name: str, what: str) -> None:
        super().__init__(f"expectations/{file_name}: {what}")
        self.file_name = file_name
        self.what = what


def suite_names() -> list[str]:
    """Every suite there is a file for, sorted; templates in sub-folders are no suites."""
    return sorted(path.stem for path in paths.expectations_dir().glob("*.json"))


def read_suite(name: str) -> dict[str, Any]:
    """The raw JSON of one suite, its form checked without importing Great Expectations.

    Raises SuiteProblem where the file is missing or unreadable, is named otherwise, or holds an
    expectation without type, severity, `meta.why` or an id of its own, or with a parameter that
    the suite declares neither in `suite_parameters` (a default) nor in `meta.parameters` (given
    by the caller).
    """
    file_name = f"{name}.json"
    path = paths.expectations_dir() / file_name
    try:
        suite = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SuiteProblem(file_name, "there is no such file") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise SuiteProblem(file_name, f"cannot be read ({type(error).__name__})") from None
    check_form(suite, file_name)
    if suite["name"] != name:
        raise SuiteProblem(file_name, f"names itself '{suite['name']}'")
    return suite


def check_form(suite: Any, file_name: str) -> None:
    """Raise SuiteProblem where a suite lacks what this project asks of every suite."""
    if not isinstance(suite, dict) or not isinstance(suite.get("name"), str):
        raise SuiteProblem(file_name, "is not a suite with a name")
    expectations = suite.get("expectations")
    if not isinstance(expectations, list) or not expectations:
        raise SuiteProblem(file_name, "has no expectations")
    declared = declared_parameters(suite)
    seen: set[str] = set()
    for number, expectation in enumerate(expectations, start=1):
        for what in _expectation_problems(expectation, declared, seen):
            raise SuiteProblem(file_name, f"expectation {number}: {what}")
        seen.add(expectation["id"])


def declared_parameters(suite: Mapping[str, Any]) -> set[str]:
    """Names of the parameters a suite has a default for or expects from the caller."""
    meta = suite.get("meta") or {}
    return {*(suite.get("suite_parameters") or {}), *(meta.get("parameters") or {})}


def used_parameters(expectation: Mapping[str, Any]) -> dict[str, str]:
    """Which argument of an expectation takes its value from which parameter."""
    return {
        argument: value["$PARAMETER"]
        for argument, value in expectation.get("kwargs", {}).items()
        if isinstance(value, dict) and "$PARAMETER" in value
    }


def arguments_to_show(
    expectation: Mapping[str, Any], values: Mapping[str, object]
) -> dict[str, Any]:
    """Arguments as a page may show them: a list given at run time as its size and name only."""
    shown = dict(expectation["kwargs"])
    for argument, name in used_parameters(expectation).items():
        value = values.get(name)
        if isinstance(value, list | tuple | set | frozenset):
            shown[argument] = [f"{len(value)} accepted ({name})"]
        elif isinstance(value, int | float | str):
            shown[argument] = value
    return shown


def usual_rows(dataset: str) -> str:
    """The parameter that says how many rows of a dataset stand, beside `share_of_last`."""
    return f"{dataset}_rows_usual"


def shares_of_last(suite: Mapping[str, Any]) -> dict[str, float]:
    """Dataset → rows that must come for each that stands, as `meta.share_of_last` says."""
    metas = [expectation["meta"] for expectation in suite["expectations"]]
    return {m["dataset"]: float(m["share_of_last"]) for m in metas if "share_of_last" in m}


def check_with_gx(suite: Mapping[str, Any]) -> None:
    """Raise SuiteProblem for a type or an argument that Great Expectations does not know.

    Needed because its own ExpectationSuite only logs such an expectation and leaves it out.
    """
    from great_expectations.exceptions import ExpectationNotFoundError
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.registry import get_expectation_impl

    file_name = f"{suite['name']}.json"
    for number, expectation in enumerate(suite["expectations"], start=1):
        where = f"expectation {number}, {expectation['type']}"
        try:
            known = get_expectation_impl(expectation["type"])
        except ExpectationNotFoundError:
            raise SuiteProblem(file_name, f"{where}: unknown expectation type") from None
        for argument in expectation["kwargs"]:
            if argument not in known.__fields__:
                raise SuiteProblem(file_name, f"{where}: unknown argument '{argument}'")
        try:
            ExpectationConfiguration(
                type=expectation["type"], kwargs=dict(expectation["kwargs"])
            ).to_domain_obj()
        except (ValueError, TypeError) as error:
            # pydantic's errors() names the arguments
            errors = error.errors() if hasattr(error, "errors") else []
            arguments = sorted({str(part) for each in errors for part in each["loc"][:1]})
            raise SuiteProblem(
                file_name, f"{where}: cannot take its arguments ({', '.join(arguments)})"
            ) from None


def _expectation_problems(expectation: Any, declared: set[str], seen: set[str]) -> Iterator[str]:
    if not isinstance(expectation, dict) or not isinstance(expectation.get("type"), str):
        yield "has no type"
        return
    if not isinstance(expectation.get("kwargs"), dict):
        yield "has no kwargs"
        return
    if expectation.get("severity") not in list(Severity):
        yield f"severity must be one of {', '.join(Severity)}"
    why = (expectation.get("meta") or {}).get("why")
    if not isinstance(why, str) or not why.strip():
        yield "has no meta.why"
    identity = expectation.get("id")
    if not isinstance(identity, str) or not identity:
        yield "has no id"
    elif identity in seen:
        yield f"has the id of another one ({identity})"
    if isinstance(expectation["kwargs"].get("row_condition"), str):
        yield "row_condition must be a condition object, since its text form is deprecated"
    for parameter in used_parameters(expectation).values():
        if not isinstance(parameter, str) or not PARAMETER_NAME.match(parameter):
            yield f"parameter '{parameter}' is not a plain name"
        elif parameter not in declared:
            yield f"unknown parameter '{parameter}'"
