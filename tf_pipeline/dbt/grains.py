"""The grain of each model, from the models' own YAML files."""

from functools import lru_cache

from tf_pipeline import paths
from tf_pipeline.yaml_files import read_yaml


@lru_cache
def model_grains() -> dict[str, str]:
    """Model → its grain, `month, authority, …`, from the models' YAML; empty if not stated."""
    files = (paths.dbt_dir() / "models").rglob("*.yml")
    models = [m for file in files for m in read_yaml(file.read_text()).get("models") or []]
    return {m["name"]: m.get("config", {}).get("meta", {}).get("grain", "") for m in models}


def grain(model: str) -> list[str]:
    """The columns that identify a row of a model; empty if not stated."""
    return [name.strip() for name in model_grains().get(model, "").split(",") if name.strip()]
