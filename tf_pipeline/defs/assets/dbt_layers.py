"""dbt's models as assets in layers: one op per layer, with gates between the layers.

Belongs here: the assets, and what a lead sees of them.
Does not belong here: what their op does (`gated_layer.py`).
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    build_dbt_asset_specs,
)

from tf_pipeline.defs.assets.delivery import is_again
from tf_pipeline.defs.checks import check_spec
from tf_pipeline.defs.gated_asset import ANALYSTS, ENGINEERS, gated_asset
from tf_pipeline.defs.gated_layer import build_and_gate
from tf_pipeline.naming import KEY_MAP_KEY, STANDING_KEY

# dbt folder → the group a lead sees, and its owner
LAYERS = {
    "seeds": ("reference", ANALYSTS),
    "mapping": ("staging", ENGINEERS),
    "staging": ("staging", ENGINEERS),
    "intermediate": ("intermediate", ENGINEERS),
    "audit": ("audit", ANALYSTS),
    "marts": ("baseline", ANALYSTS),
}


class Translator(DagsterDbtTranslator):
    """Asset keys are table addresses; the tables that Python lands are upstream of staging."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            is_key_map = dbt_resource_props["source_name"] == KEY_MAP_KEY[0]
            return dg.AssetKey(KEY_MAP_KEY if is_key_map else STANDING_KEY)
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return dbt_resource_props.get("description", "")

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return LAYERS[_layer(dbt_resource_props)][0]

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return [LAYERS[_layer(dbt_resource_props)][1]]


def _layer(node: Mapping[str, Any]) -> str:
    if node["resource_type"] == "seed":
        return "seeds"
    if node["resource_type"] == "source":
        return "staging"
    return Path(node["original_file_path"]).parts[1]


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

    tests = _cross_table_tests(loaded, {spec.key for spec in specs})

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


def _cross_table_tests(
    manifest: dict[str, Any], keys: set[dg.AssetKey]
) -> dict[str, dg.AssetCheckSpec]:
    """dbt's tests of facts across tables, by name, as checks of the table that each names."""
    specs = {}
    nodes = manifest["nodes"]
    by_name = {n["name"]: n for n in nodes.values() if n["resource_type"] in ("model", "seed")}
    for node in nodes.values():
        if node["resource_type"] != "test":
            continue
        reference = node["config"]["meta"].get("dagster", {}).get("ref", {}).get("name")
        target = by_name[reference] if reference else nodes.get(node["attached_node"])
        key = Translator().get_asset_key(target) if target else None
        if key in keys:
            specs[node["name"]] = dg.AssetCheckSpec(
                node["name"], asset=key, description=node["description"], blocking=True
            )
    return specs


@lru_cache(maxsize=1)
def _load(manifest: Path, _modified: int) -> dict[str, Any]:
    return json.loads(manifest.read_text("utf-8"))
