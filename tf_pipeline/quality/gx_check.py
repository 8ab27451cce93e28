"""Checks the types and arguments of a suite with Great Expectations.

Belongs here: refusing types and arguments that Great Expectations does not know. It is imported
inside the function, because the import takes seconds.
Does not belong here: the form that this project requires of a suite (`suites.py`).
"""

from collections.abc import Mapping
from typing import Any

from tf_pipeline.quality.delivery_rules import SUITE as SHARED
from tf_pipeline.quality.suites import SuiteProblem


def check_with_gx(suite: Mapping[str, Any]) -> None:
    """Raise SuiteProblem for a type or an argument that Great Expectations does not know.

    Its own ExpectationSuite only logs such an expectation and leaves it out.
    """
    from great_expectations.exceptions import ExpectationNotFoundError
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.registry import get_expectation_impl

    # composed suites have no file of their own
    shared = suite["name"].startswith(f"{SHARED}.")
    file_name = f"{SHARED if shared else suite['name']}.json"
    for number, expectation in enumerate(suite["expectations"], start=1):
        about = expectation["meta"].get("dataset") if shared else f"expectation {number}"
        where = f"{about}, {expectation['type']}"
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
                file_name, f"{where}: missing or invalid arguments: {', '.join(arguments)}"
            ) from None
