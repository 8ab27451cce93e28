"""dbt's tests of facts across tables, as checks of the table that each names."""

from typing import Any

import dagster as dg

from tf_pipeline.defs.assets.dbt_translator import Translator


def cross_table_tests(
    manifest: dict[str, Any], keys: set[dg.AssetKey]
) -> dict[str, dg.AssetCheckSpec]:
    """Check specs by the name of the test, for tests that name one of these tables."""
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
