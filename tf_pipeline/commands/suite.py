"""The command for one suite: what an authority's delivery is asked. Thin."""

import json
from datetime import date
from typing import Annotated

import typer

from tf_pipeline.calendar import is_month
from tf_pipeline.errors import UserFacingError
from tf_pipeline.naming import delivery_key, suite_name


class NoSuchAuthority(UserFacingError):
    """There is no YAML for the authority; the message names those there are."""


def suite(
    authority: Annotated[str, typer.Argument(help="Authority, by its id")],
    month: Annotated[
        str | None, typer.Option("--month", help="Month, YYYY-MM; this month unless told")
    ] = None,
) -> None:
    """Prints the delivery suite of an authority as Great Expectations' JSON; changes nothing.

    The suite has the shared rules on what the authority supplies, and the overrides that hold at
    the end of the month. Exit code 0: printed. 1: a rule or an override does not hold.
    """
    if month and not is_month(month):
        raise typer.BadParameter(f"'{month}' is not a month; expected YYYY-MM, such as 2016-04")
    from tf_pipeline.authorities.registry import authorities
    from tf_pipeline.quality.suites import read_suite
    from tf_pipeline.seeds.rulebook import check_rules

    if authority not in authorities():
        known = ", ".join(authorities())
        raise NoSuchAuthority(f"There is no authority '{authority}'; there are {known}")
    check_rules()
    composed = read_suite(suite_name(delivery_key(authority)), month or f"{date.today():%Y-%m}")
    typer.echo(json.dumps(composed, indent=2, sort_keys=True, ensure_ascii=False))


def add_to(app: typer.Typer) -> None:
    """Makes the command known to `tf-pipeline`."""
    app.command()(suite)
