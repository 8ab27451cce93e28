"""The two jobs of a month.

Two, because a refused delivery must show red and must not keep the baseline from being built of
what stands.
"""

import dagster as dg

from tf_pipeline.defs.assets.delivery import GROUP
from tf_pipeline.naming import STANDING_KEY

# a month is built as a whole: between two runs, staging may have come to hold another one
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
    description="Builds, gates and publishes the GM baseline of a month from what stands",
    executor_def=dg.in_process_executor,
    tags=WHOLE,
)
jobs = [deliveries_job, baseline_job]
