"""The asset with the delivery of each authority that a month is built from."""

from collections.abc import Iterator

import dagster as dg

from tf_pipeline import progress
from tf_pipeline.authorities import registry
from tf_pipeline.defs.checks import check_result, check_spec, stop_if_shut, write_pages
from tf_pipeline.defs.gated_asset import ENGINEERS, gated_asset
from tf_pipeline.naming import STANDING_KEY, delivery_key, suite_name


def standing_asset() -> dg.AssetsDefinition:
    """Each authority's last accepted delivery, of the month or carried forward."""

    @gated_asset(
        name="standing",
        specs=[
            dg.AssetSpec(
                STANDING_KEY,
                description=(
                    "The current deliveries of the month: each authority's last accepted one, of "
                    "this month or carried forward. A refused or missing delivery changes "
                    "nothing here."
                ),
                deps=[dg.AssetKey(delivery_key(a)) for a in registry.authorities()],
                group_name="deliveries",
                owners=[ENGINEERS],
                kinds={"duckdb", "python"},
            )
        ],
        checks=[check_spec(STANDING_KEY, "Every row delivered is accepted or set aside")],
    )
    def standing_step(context: dg.AssetExecutionContext) -> Iterator:
        from tf_pipeline.deliveries.refuse import record_untried
        from tf_pipeline.quality.gate import run_gate
        from tf_pipeline.upkeep.purge_rows import refuse_purged
        from tf_pipeline.warehouse.connect import writer
        from tf_pipeline.warehouse.current_deliveries import standing
        from tf_pipeline.warehouse.gate_records import record_gate

        month = context.partition_key
        progress.report("standing: what each authority's last accepted delivery is")
        record_untried(month)
        with writer(f"recording the current deliveries of {month}") as connection:
            refuse_purged(connection, month)
            frame = standing(connection, month)
            gate = run_gate(suite_name(STANDING_KEY), {"": frame})
            record_gate(connection, month, "standing", "gm", gate)
        write_pages([gate], month)
        yield check_result(STANDING_KEY, gate)
        stop_if_shut(gate, "standing, with no delivery at all," if frame.is_empty() else "standing")
        carried = frame.filter(frame["as_of_month"] != month)["authority"].unique().sort()
        yield dg.MaterializeResult(
            asset_key=dg.AssetKey(STANDING_KEY),
            metadata={
                "dagster/row_count": int(frame["rows_accepted"].sum() or 0),
                "authorities_standing": frame["authority"].n_unique(),
                "carried_forward": ", ".join(carried) or "none",
            },
        )

    return standing_step
