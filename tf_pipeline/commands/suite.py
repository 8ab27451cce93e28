"""The command for one suite: the rules on an authority's delivery. Thin."""

import json
from datetime import date
from typing import Annotated

import typer

from tf_pipeline.calendar import is_month
from tf_pipeline.errors import UserFacingError
from tf_pipeline.naming import delivery_key, suite_name


class NoSuchAuthority(UserFacingError):
    """The authority has no YAML; the message names the authorities that have one."""


def suite(
    authority: Annotated[str, typer.Argument(help="Authority, by its id")],
    month: Annotated[
        str | None, typer.Option("--month", help="Month, YYYY-MM; by default this month")
    ] = None,
) -> None:
    """Prints the delivery suite of an authority, as JSON of Great Expectations.

    The suite has the shared rules on what the authority supplies, with the overrides that hold at
    the end of the month. Exit code 0: printed. 1: a seed or an override is not valid.
    """
    if month and not is_month(month):
        raise typer.BadParameter(f"'{month}' is not a month; expected YYYY-MM, such as 2016-04")
    from tf_pipeline.authorities.registry import authorities
    from tf_pipeline.quality.suites import read_suite
    from tf_pipeline.seeds.rulebook import check_rules

    if authority not in authorities():
        known = ", ".join(authorities())
        raise NoSuchAuthority(f"There is no authority '{authority}'; expected one of {known}")
    check_rules()
    composed = read_suite(suite_name(delivery_key(authority)), month or f"{date.today():%Y-%m}")
    typer.echo(json.dumps(composed, indent=2, sort_keys=True, ensure_ascii=False))


def add_to(app: typer.Typer) -> None:
    """Makes the command known to `tf-pipeline`."""
    app.command()(suite)
