"""What a loaded baseline must show for a generated month, on each authority's own rules."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from tf_pipeline.authorities import registry
from tf_pipeline.authorities.crosswalks import seed as seed_rows
from tf_pipeline.naming import month_end
from tf_pipeline.sample import levels, statuses
from tf_pipeline.sample.dialect import Dialect, dialect, only_with_issues
from tf_pipeline.sample.population import population
from tf_pipeline.sample.snapshot import snapshot

NONE = "none"


def truth(
    months: Sequence[str],
    families: int,
    seed: int,
    authorities: Sequence[str] | None = None,
) -> dict[str, dict[str, dict[str, Any]]]:
    """Month → authority → figures of the deliveries that `generate` writes for the same arguments.

    Figures: `families` (every one attached), `open_programme_families`, `intensity` (level →
    families) and `needs` (need code → status → families), the last two over open programme
    families.
    """
    who = list(authorities or registry.authorities())
    everyone = population(families, who, months, seed)
    return {
        month: {
            authority: _figures(rows, dialect(authority, month, seed))
            for authority, rows in _by_authority(
                snapshot(everyone, month, [a for a in who if only_with_issues(a, month)]), who
            ).items()
        }
        for month in sorted(set(months))
    }


def _by_authority(
    rows: dict[str, pl.DataFrame], authorities: Sequence[str]
) -> dict[str, dict[str, pl.DataFrame]]:
    return {
        a: {name: frame.filter(pl.col("authority") == a) for name, frame in rows.items()}
        for a in authorities
    }


def _figures(rows: dict[str, pl.DataFrame], own: Dialect) -> dict[str, Any]:
    families = rows["families"]
    is_open = (pl.col("programme_group") == "programme") & (
        pl.col("end_date").is_null() | (pl.col("end_date") > month_end(own.month))
    )
    counted = families.filter(is_open)
    return {
        "families": families.height,
        "open_programme_families": counted.height,
        "intensity": _intensity(rows["interventions"], counted, own),
        "needs": _needs(rows["needs"].filter(is_open), own),
    }


def _intensity(interventions: pl.DataFrame, counted: pl.DataFrame, own: Dialect) -> dict[str, int]:
    """Families by the highest level among their interventions open at month end."""
    ranked = seed_rows("reference/ref_intensity_levels.csv")
    ranks = {level: int(rank) for level, rank in ranked.select("intensity_level", "rank").rows()}
    end = month_end(own.month)
    found = levels.named(interventions, own).filter(
        pl.col("end_date").is_null() | (pl.col("end_date") > end)
    )
    rank = pl.col("level_found").replace_strict(ranks, return_dtype=pl.Int64)
    highest = found.group_by("family").agg(rank.max().alias("rank"))
    each = counted.join(highest, on="family", how="left")["rank"].fill_null(ranks[NONE])
    return {level: int((each == rank).sum()) for level, rank in ranks.items()}


def _needs(needs: pl.DataFrame, own: Dialect) -> dict[int, dict[str, int]]:
    found = statuses.with_needs_found(needs, own)
    every = ["yes", "no", "not_known", "not_held"]
    return {
        code: {s: int((found[f"found_{code}"] == s).sum()) for s in every}
        for code in own.framework.needs
    }
