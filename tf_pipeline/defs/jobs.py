"""The two jobs of a month.

There are two, because a refused delivery must show red, but must not stop the baseline from being
built from the current deliveries.
"""

import dagster as dg

from tf_pipeline.defs.assets.delivery import GROUP
from tf_pipeline.naming import STANDING_KEY

# retry a month from the start: between two runs, staging may hold another month
WHOLE = {"dagster/retry_strategy": "ALL_STEPS"}

_deliveries = dg.AssetSelection.groups(GROUP) - dg.AssetSelection.assets(dg.AssetKey(STANDING_KEY))
deliveries_job = dg.define_asset_job(
    "deliveries",
    selection=_deliveries,
    description="Opens, gates and lands every authority's delivery for a month",
    executor_def=dg.in_process_executor,
    tags=WHOLE,
)
baseline_job = dg.define_asset_job(
    "baseline",
    selection=dg.AssetSelection.all() - _deliveries,
    description="Builds and publishes a month's GM baseline from the current deliveries",
    executor_def=dg.in_process_executor,
    tags=WHOLE,
)
jobs = [deliveries_job, baseline_job]
