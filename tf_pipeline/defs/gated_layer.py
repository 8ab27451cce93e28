"""A layer in a Dagster run: builds it, runs its gates, and builds again if it reverts a delivery.

Belongs here: results for Dagster. Does not belong here: building (`dbt/build_layer.py`), the
assets (`assets/dbt_layers.py`).
"""

from collections.abc import Iterator, Mapping

import dagster as dg

from tf_pipeline.defs.checks import check_result, write_pages
from tf_pipeline.defs.revert_blamed import revert_blamed
from tf_pipeline.defs.table_metadata import table_metadata


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
    """Builds a layer and yields its check results, then its tables; stops if a gate is shut.

    Builds a table, and runs a gate or test, only if its inputs have changed; `again` builds and
    runs all. If only a delivery's rows shut a gate of staging, the delivery is reverted and staging
    is built without it. Raises RuleProblem, before it changes a reference table, if a seed breaks
    a rule, and OtherMonth if staging holds another month.
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
        if built.shut and name == STAGING and revert_blamed(built, month, instance):
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
        # a layer passes as a whole: if it fails, none of its tables is materialised
        raise dg.Failure(
            f"The gate of {', '.join(built.shut)} did not pass: nothing after {name} is built or "
            "published.",
            allow_retries=False,
        )
    for key, facts in zip(built.keys, built.facts, strict=True):
        yield dg.MaterializeResult(asset_key=dg.AssetKey(key), metadata=table_metadata(facts))
