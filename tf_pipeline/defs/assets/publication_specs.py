"""The two files that others open, as a lead sees them: what is in each, and how old it may be."""

import dagster as dg

from tf_pipeline.defs.gated_asset import ANALYSTS, ENGINEERS
from tf_pipeline.naming import PUBLISHED_KEY, SHARED_KEY
from tf_pipeline.releases.contract import BY_MONTH, WHOLE
from tf_pipeline.rules.due import LATE_AFTER, STALE_AFTER


def publication_specs() -> list[dg.AssetSpec]:
    """The published baseline, then the file for handing on."""
    return [
        dg.AssetSpec(
            PUBLISHED_KEY,
            description=(
                "The GM baseline that analysts query: "
                "`data/published/current/gm_baseline.duckdb`, schema `gm`. Pseudonymised; no "
                "name, birth date, address, UPN or NINO. Replaced atomically, each release "
                "kept; nobody reading the last one is disturbed."
            ),
            deps=[dg.AssetKey(["gm", table]) for table in (*BY_MONTH, *WHOLE)],
            group_name="baseline",
            owners=[ANALYSTS, ENGINEERS],
            kinds={"duckdb", "python"},
            freshness_policy=dg.FreshnessPolicy.time_window(
                fail_window=STALE_AFTER, warn_window=LATE_AFTER
            ),
        ),
        dg.AssetSpec(
            SHARED_KEY,
            description=(
                "What may be shared: `data/published/current/gm_shared_baseline.duckdb`, "
                "schema `gm_shared`. Aggregated tables only; small counts, and those that "
                "would reveal one, are suppressed."
            ),
            deps=[dg.AssetKey(PUBLISHED_KEY)],
            group_name="baseline",
            owners=[ANALYSTS, ENGINEERS],
            kinds={"duckdb", "python"},
        ),
    ]
