"""A layer in a Dagster run: built, gated, and built again without a delivery that shuts its gate.

Belongs here: what Dagster is told of it. Does not belong here: building (`dbt/build_layer.py`),
what the assets are (`assets/dbt_layers.py`).
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import dagster as dg

from tf_pipeline import progress
from tf_pipeline.defs.checks import check_result, reverted_check, write_pages
from tf_pipeline.defs.table_metadata import table_metadata

if TYPE_CHECKING:
    from tf_pipeline.dbt.build_layer import BuiltLayer


def build_and_gate(
    name: str,
    keys: list[list[str]],
    month: str,
    is_seeds: bool,
    tests: Mapping[str, dg.AssetCheckSpec],
    instance: dg.DagsterInstance | None = None,
    run: str = "",
    again: bool = False,
) -> Iterator:
    """Builds a layer and yields its check results, then its tables; stops where a gate is shut.

    A table is built, and a gate or test asked, where something it rests on has changed; with
    `again` all are. A delivery whose rows alone shut a gate of staging is reverted, and staging is
    built without it. Raises RuleProblem before any reference table is touched where a seed does not
    hold, and OtherMonth where staging holds another month.
    """
    from tf_pipeline.dbt.build_layer import STAGING, build_layer, set_month
    from tf_pipeline.seeds.rulebook import check_rules
    from tf_pipeline.warehouse.connect import writer
    from tf_pipeline.warehouse.lock import write_lock

    if is_seeds:
        check_rules()
    tables = {key[-1]: key for key in keys}
    with write_lock(f"building {name} {month}"):
        with writer(f"setting the month of {name}") as connection:
            set_month(connection, name, month)
        built = build_layer(name, tables, month, is_seeds, [*tests], run, again)
        if built.shut and name == STAGING and _reverted(built, month, instance):
            built = build_layer(name, tables, month, is_seeds, [*tests], run, again)
    write_pages(built.asked, month)
    for key, gate in zip(built.keys, built.gates, strict=True):
        yield check_result(key, gate)
    for test, failed in built.failures.items():
        yield dg.AssetCheckResult(
            asset_key=tests[test].asset_key,
            check_name=test,
            passed=failed == 0,
            metadata={"rows_failing": failed},
        )
    if built.shut:
        # a layer passes as a whole: none of its tables counts as made
        raise dg.Failure(
            f"Gate shut on {', '.join(built.shut)}: nothing after {name} is built or published.",
            allow_retries=False,
        )
    for key, facts in zip(built.keys, built.facts, strict=True):
        yield dg.MaterializeResult(asset_key=dg.AssetKey(key), metadata=table_metadata(facts))


def _reverted(built: "BuiltLayer", month: str, instance: dg.DagsterInstance | None) -> bool:
    """Takes back the deliveries whose rows alone shut the gates; False where that is not the cause.

    A lead sees it at the delivery's own check, too.
    """
    from tf_pipeline.deliveries.archive import LandingDamaged
    from tf_pipeline.deliveries.attribute_failures import attribute_failures
    from tf_pipeline.deliveries.revert import revert_delivery
    from tf_pipeline.warehouse.connect import reader

    if any(built.failures.values()):
        return False
    shut = [
        (key, gate) for key, gate in zip(built.keys, built.gates, strict=True) if not gate.is_open
    ]
    with reader("finding out whose rows shut a gate") as connection:
        blames = attribute_failures(connection, month, shut) if connection else {}
    for authority, of_authority in blames.items():
        try:
            taken = revert_delivery(authority, month, of_authority)
        except LandingDamaged as error:
            progress.report(f"{authority}: {error}")
            return False
        progress.report(f"{authority}: held, {taken.reason}")
        if instance:
            instance.report_runless_asset_event(reverted_check(authority, month, taken.reason))
    return bool(blames)
