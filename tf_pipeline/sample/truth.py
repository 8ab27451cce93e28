"""The figures a loaded baseline must show for a generated month, by each authority's rules."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from tf_pipeline.authorities import registry
from tf_pipeline.calendar import month_end
from tf_pipeline.rules.crosswalks import seed as seed_rows
from tf_pipeline.rules.frameworks import criteria
from tf_pipeline.rules.month_rules import month_rules
from tf_pipeline.sample import levels, prepare, statuses
from tf_pipeline.sample.dialect import Dialect, dialect, only_with_issues
from tf_pipeline.sample.population import population
from tf_pipeline.sample.snapshot import snapshot

NONE = "none"
SUPPORT_GROUP = "esa_support"
RULINGS = "as_declared", "support_counted", "support_not_counted"


def truth(
    months: Sequence[str],
    families: int,
    seed: int,
    authorities: Sequence[str] | None = None,
) -> dict[str, dict[str, dict[str, Any]]]:
    """Month → authority → figures of the deliveries that `generate` writes for the same arguments.

    Figures: `families` (all attached), `open_programme_families`. Over open programme families:
    `intensity` (level → families), `needs` (need code → status → families, for the needs of the
    framework in force) and `eligibility` (families as declared, with ESA support group counted
    and not counted, and families for which that decides). Over closed programme families:
    `closures` (reason → families, and how many of them are still open in any service).
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
        "eligibility": _eligibility(rows["needs"].filter(is_open), rows["benefits"], own),
        "closures": _closures(families, rows["interventions"], own),
    }


def _intensity(interventions: pl.DataFrame, counted: pl.DataFrame, own: Dialect) -> dict[str, int]:
    """Families by the highest level among their interventions open at month end."""
    ranked = seed_rows("reference/ref_intensity_levels.csv")
    ranks = {level: int(rank) for level, rank in ranked.select("intensity_level", "rank").rows()}
    found = _open_work(interventions, own)
    rank = pl.col("level_found").replace_strict(ranks, return_dtype=pl.Int64)
    highest = found.group_by("family").agg(rank.max().alias("rank"))
    each = counted.join(highest, on="family", how="left")["rank"].fill_null(ranks[NONE])
    return {level: int((each == rank).sum()) for level, rank in ranks.items()}


def _open_work(interventions: pl.DataFrame, own: Dialect) -> pl.DataFrame:
    """Interventions of this authority that are open at month end."""
    end = month_end(own.month)
    return levels.named(interventions, own).filter(
        pl.col("end_date").is_null() | (pl.col("end_date") > end)
    )


def _needs(needs: pl.DataFrame, own: Dialect) -> dict[int, dict[str, int]]:
    found = statuses.with_needs_found(needs, own)
    every = ["yes", "no", "not_known", "not_held"]
    return {
        code: {s: int((found[f"found_{code}"] == s).sum()) for s in every}
        for code in own.framework.needs
    }


def _eligibility(needs: pl.DataFrame, benefits: pl.DataFrame, own: Dialect) -> dict[str, int]:
    """Families that meet enough criteria of the framework in force, by ruling on ESA support
    group: it counts as the need, or it alone does not count."""
    found = statuses.with_needs_found(needs, own)
    can_say = SUPPORT_GROUP in own.choices("benefits", "benefit")
    supported = benefits.filter((pl.col("benefit") == SUPPORT_GROUP) & pl.lit(can_say))["family"]
    rulings = month_rules("gm", own.month).declared.get("common_esa_support_counts_as_health", {})
    met: dict[str, dict[int, pl.Series]] = {ruling: {} for ruling in RULINGS}
    for code in own.framework.needs:
        yes = found[f"found_{code}"] == "yes"
        only_support = prepare.need_basis(needs, own, code).eq_missing("esa_support_group")
        may_count = f"needs.need_{code}" in rulings
        has_support = found["family"].is_in(supported.implode())
        met["as_declared"][code] = yes
        met["support_counted"][code] = yes | has_support if may_count else yes
        met["support_not_counted"][code] = yes & ~only_support
    eligible = {ruling: _enough(by_need, own) for ruling, by_need in met.items()}
    changed = eligible["support_counted"] & ~eligible["support_not_counted"]
    return {ruling: int(one.sum()) for ruling, one in eligible.items()} | {
        "changed": int(changed.sum())
    }


def _enough(by_need: dict[int, pl.Series], own: Dialect) -> pl.Series:
    """Whether each family meets enough criteria; any need of a criterion meets it."""
    counts = [
        pl.any_horizontal(pl.lit(by_need[code]) for code in codes if code in by_need)
        for codes in criteria(own.framework).values()
        if any(code in by_need for code in codes)
    ]
    enough = pl.sum_horizontal(one.cast(pl.Int32) for one in counts) >= own.framework.needs_required
    return pl.select(enough.alias("enough"))["enough"]


def _closures(
    families: pl.DataFrame, interventions: pl.DataFrame, own: Dialect
) -> dict[str, list[int]]:
    """Reason → programme families closed by month end, and how many still have open work."""
    reasons = seed_rows("reference/ref_values.csv")
    known = reasons.filter(pl.col("domain") == "closure_reason")["value"].to_list()
    own_reasons = own.choices("families", "closure_reason")
    closed = families.filter(
        (pl.col("programme_group") == "programme") & (pl.col("end_date") <= month_end(own.month))
    ).with_columns(
        pl.when(pl.col("closure_reason").is_in(list(own_reasons)))
        .then("closure_reason")
        .otherwise(pl.lit("not_known"))
        .alias("reason"),
        pl.col("family").is_in(_open_work(interventions, own)["family"].implode()).alias("worked"),
    )
    return {
        reason: [
            closed.filter(pl.col("reason") == reason).height,
            closed.filter((pl.col("reason") == reason) & pl.col("worked")).height,
        ]
        for reason in [*known, "not_known"]
    }
