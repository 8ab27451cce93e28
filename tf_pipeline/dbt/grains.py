"""What makes a row of each model, as the models' own files say it."""

from functools import lru_cache

from tf_pipeline import paths
from tf_pipeline.yaml_files import read_yaml


@lru_cache
def model_grains() -> dict[str, str]:
    """Model → its grain, `month, authority, …`, from the models' YAML; empty where none is said."""
    files = (paths.dbt_dir() / "models").rglob("*.yml")
    models = [m for file in files for m in read_yaml(file.read_text()).get("models") or []]
    return {m["name"]: m.get("config", {}).get("meta", {}).get("grain", "") for m in models}


def grain(model: str) -> list[str]:
    """The columns that make a row of a model; empty where none is said."""
    return [name.strip() for name in model_grains().get(model, "").split(",") if name.strip()]
