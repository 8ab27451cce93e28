"""How dbt's nodes look in Dagster: their keys, groups, owners and descriptions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator

from tf_pipeline.defs.gated_asset import ANALYSTS, ENGINEERS
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
