"""Reverts deliveries whose rows shut a gate of staging, and shows it on their checks.

Belongs here: the step, and its result for Dagster. Does not belong here: finding whose rows they
are, reverting (`deliveries`).
"""

from typing import TYPE_CHECKING

import dagster as dg

from tf_pipeline import progress
from tf_pipeline.defs.checks import reverted_check

if TYPE_CHECKING:
    from tf_pipeline.dbt.build_layer import BuiltLayer


def revert_blamed(built: "BuiltLayer", month: str, instance: dg.DagsterInstance | None) -> bool:
    """Reverts the deliveries whose rows alone shut the gates; False if that is not the cause.

    The delivery's own check shows it to a lead, too.
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
            refused = revert_delivery(authority, month, of_authority)
        except LandingDamaged as error:
            progress.report(f"{authority}: {error}")
            return False
        progress.report(f"{authority}: held, {refused.reason}")
        if instance:
            instance.report_runless_asset_event(reverted_check(authority, month, refused.reason))
    return bool(blames)
