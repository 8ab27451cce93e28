"""dbt's models as assets in layers: one op per layer, with gates between the layers.

Belongs here: the assets. Does not belong here: how a lead sees them (`dbt_translator.py`), what
their op does (`gated_layer.py`).
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslatorSettings, build_dbt_asset_specs

from tf_pipeline.defs.assets.cross_table_tests import cross_table_tests
from tf_pipeline.defs.assets.dbt_translator import Translator
from tf_pipeline.defs.checks import check_spec
from tf_pipeline.defs.gated_asset import gated_asset
from tf_pipeline.defs.gated_layer import build_and_gate
from tf_pipeline.defs.run_tags import is_again


def layer_assets(name: str, folders: list[str], manifest: Path) -> dg.AssetsDefinition:
    """One op for the dbt nodes of some folders; every table is gated before the next layer."""
    is_seeds = folders == ["seeds"]
    select = (
        "resource_type:seed" if is_seeds else " ".join(f"fqn:tf_pipeline.{f}.*" for f in folders)
    )
    loaded = _load(manifest, manifest.stat().st_mtime_ns)
    specs = build_dbt_asset_specs(
        manifest=loaded,
        # the raw tables share one asset, the current deliveries
        dagster_dbt_translator=Translator(
            DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True)
        ),
        select=select,
    )
    specs = [
        spec.replace_attributes(
            kinds={"dbt", "duckdb"},
            # several landed tables share one upstream asset
            deps=sorted({dep.asset_key for dep in spec.deps}),
        )
        for spec in specs
    ]

    tests = cross_table_tests(loaded, {spec.key for spec in specs})

    @gated_asset(
        name=name,
        specs=specs,
        checks=[
            *(
                check_spec(list(spec.key.path), f"expectations/{'.'.join(spec.key.path)}.json")
                for spec in specs
            ),
            *tests.values(),
        ],
        can_subset=True,
    )
    def build(context: dg.AssetExecutionContext) -> Iterator:
        keys = sorted(list(key.path) for key in context.selected_asset_keys)
        yield from build_and_gate(
            name, keys, context.partition_key, is_seeds, tests, context.instance,
            context.run_id, is_again(context),
        )  # fmt: skip

    return build


@lru_cache(maxsize=1)
def _load(manifest: Path, _modified: int) -> dict[str, Any]:
    return json.loads(manifest.read_text("utf-8"))
