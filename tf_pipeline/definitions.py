"""The code location: only collects `defs/`. It reads files when called, not on import."""

from functools import lru_cache
from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """All assets, checks, jobs, schedules and sensors, from the current files."""
    from tf_pipeline import paths
    from tf_pipeline.dbt.runner import ensure_manifest

    return _gathered(ensure_manifest(), paths.authorities_dir())


@lru_cache(maxsize=2)
def _gathered(manifest: Path, _authorities: Path) -> dg.Definitions:
    from tf_pipeline.defs.assets.dbt_layers import layer_assets
    from tf_pipeline.defs.assets.delivery import delivery_assets
    from tf_pipeline.defs.assets.key_map import key_map_asset
    from tf_pipeline.defs.assets.publication import publication_assets
    from tf_pipeline.defs.assets.standing import standing_asset
    from tf_pipeline.defs.jobs import jobs
    from tf_pipeline.defs.resources import WAREHOUSE_LOCK, WarehouseLock
    from tf_pipeline.defs.schedules import monthly_load
    from tf_pipeline.defs.sensors.alert_sensor import alert_sensor
    from tf_pipeline.defs.sensors.baseline_sensors import baseline_sensors
    from tf_pipeline.defs.sensors.dead_runs_sensor import dead_runs_sensor
    from tf_pipeline.defs.sensors.inbox_sensor import inbox_sensor

    return dg.Definitions(
        assets=[
            *delivery_assets(),
            standing_asset(),
            key_map_asset(),
            publication_assets(),
            layer_assets("reference", ["seeds"], manifest),
            layer_assets("staging", ["mapping", "staging"], manifest),
            layer_assets("intermediate", ["intermediate", "audit"], manifest),
            layer_assets("marts", ["marts"], manifest),
        ],
        jobs=jobs,
        resources={WAREHOUSE_LOCK: WarehouseLock()},
        schedules=[monthly_load],
        sensors=[inbox_sensor, alert_sensor, dead_runs_sensor, *baseline_sensors],
        executor=dg.in_process_executor,
    )
