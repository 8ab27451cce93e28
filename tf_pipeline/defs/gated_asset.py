"""The only way to make an asset: partitioned by month, gated, alone in the warehouse."""

from collections.abc import Callable, Iterator, Sequence

import dagster as dg

from tf_pipeline.defs.partitions import MONTHS
from tf_pipeline.defs.redact_errors import redact_errors
from tf_pipeline.defs.resources import WAREHOUSE_LOCK

Step = Callable[[dg.AssetExecutionContext], Iterator]
ENGINEERS = "team:gm-data-engineering"
ANALYSTS = "team:gm-analysts"


def gated_asset(
    name: str,
    specs: Sequence[dg.AssetSpec],
    checks: Sequence[dg.AssetCheckSpec],
    step_name: str = "",
    can_subset: bool = False,
) -> Callable[[Step], dg.AssetsDefinition]:
    """Makes an asset from a step that yields check results before materialisations.

    A step that a gate stops materialises nothing. `step_name` names the step in errors.
    """

    def make(step: Step) -> dg.AssetsDefinition:
        @dg.multi_asset(
            name=name,
            specs=[
                spec.replace_attributes(partitions_def=MONTHS, skippable=True) for spec in specs
            ],
            check_specs=checks,
            can_subset=can_subset,
            required_resource_keys={WAREHOUSE_LOCK},
        )
        def gated(context: dg.AssetExecutionContext) -> Iterator:
            with redact_errors(step_name or name):
                yield from step(context)

        return gated

    return make
