"""The asset that gives every local id its pseudonym."""

from collections.abc import Iterator

import dagster as dg

from tf_pipeline import progress
from tf_pipeline.defs.checks import check_result, check_spec, stop_if_shut, write_pages
from tf_pipeline.defs.gated_asset import ENGINEERS, gated_asset
from tf_pipeline.defs.table_metadata import table_metadata
from tf_pipeline.naming import KEY_MAP_KEY


def key_map_asset() -> dg.AssetsDefinition:
    """Pseudonyms of families and people, between staging and the layers that need them."""

    @gated_asset(
        name="key_map",
        specs=[
            dg.AssetSpec(
                KEY_MAP_KEY,
                description=(
                    "Pseudonym of every local family and person id, by a keyed hash. Never "
                    "published: an authority finds its own family by it, on request."
                ),
                deps=[dg.AssetKey(["staging", n]) for n in ("stg_families", "stg_people")],
                group_name="staging",
                owners=[ENGINEERS],
                kinds={"duckdb", "python"},
            )
        ],
        checks=[check_spec(KEY_MAP_KEY, "One pseudonym an id, one id a pseudonym")],
    )
    def key_map_step(context: dg.AssetExecutionContext) -> Iterator:
        from tf_pipeline.dbt.build_layer import tables_facts
        from tf_pipeline.quality.table_gates import gate_table
        from tf_pipeline.warehouse.connect import writer
        from tf_pipeline.warehouse.keys import extend_key_map

        month = context.partition_key
        progress.report("key_map: pseudonyms of new ids")
        with writer("adding pseudonyms") as connection:
            added = extend_key_map(connection)
            gate = gate_table(connection, KEY_MAP_KEY, month, "staging")
            (facts,) = tables_facts(connection, [KEY_MAP_KEY], month)
        write_pages([gate], month)
        yield check_result(KEY_MAP_KEY, gate)
        stop_if_shut(gate, "key_map")
        yield dg.MaterializeResult(
            asset_key=dg.AssetKey(KEY_MAP_KEY),
            metadata={**table_metadata(facts), "keys_added": added},
        )

    return key_map_step
