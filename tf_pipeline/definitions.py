"""The code location: gathers `defs/`, nothing else."""

import dagster as dg

from tf_pipeline.defs import one_load
from tf_pipeline.defs.automation import schedules, sensors
from tf_pipeline.defs.dbt_layers import layer_assets
from tf_pipeline.defs.dbt_runner import ensure_manifest
from tf_pipeline.defs.deliveries import delivery_assets
from tf_pipeline.defs.jobs import jobs
from tf_pipeline.defs.python_assets import python_assets

_manifest = ensure_manifest()

defs = dg.Definitions(
    assets=[
        *delivery_assets(),
        *python_assets(),
        layer_assets("reference", ["seeds"], _manifest),
        layer_assets("staging", ["mapping", "staging"], _manifest),
        layer_assets("intermediate", ["intermediate", "audit"], _manifest),
        layer_assets("marts", ["marts"], _manifest),
    ],
    jobs=jobs,
    resources={one_load.KEY: one_load.one_load},
    schedules=schedules,
    sensors=sensors,
    executor=dg.in_process_executor,
)
