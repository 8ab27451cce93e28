"""The facts at the end of a month, as canonical rows: one frame per dataset.

The authority's own numbers (`local_family_id`, …) and words come later (`dialect.py`).
"""

from collections.abc import Collection

import numpy as np
import polars as pl

from tf_pipeline.calendar import month_end
from tf_pipeline.rules.frameworks import framework_in_force
from tf_pipeline.sample.population import Population
from tf_pipeline.sample.randomness import stream
from tf_pipeline.sample.schooling import attendance

# of 1,000 families, how many have 0, 1, 2 … of each kind in a month
INCIDENT_STEPS = {
    "dv": [0.85, 0.95, 0.985],
    "asb": [0.87, 0.96, 0.99],
    "offences": [0.88, 0.96, 0.99],
    "missing": [0.94, 0.985, 0.997],
}
UPN_AGE, NINO_AGE, ADULT_AGE = 4, 16, 18


def snapshot(
    population: Population, month: str, only_with_issues: Collection[str] = ()
) -> dict[str, pl.DataFrame]:
    """Dataset → rows at the end of a month, with every family ever attached.

    `only_with_issues`: authorities that list, in comparison families, only members with an issue.
    """
    families = _families(population, month)
    people = _people(population, month, families, only_with_issues)
    return {
        "families": families,
        "people": people,
        "needs": _needs(families, month),
        "incidents": _incidents(population, families, month),
        "benefits": people.filter(pl.col("is_grown_up")),
        "interventions": _begun(population.interventions, families, month, "start_date"),
        "claims": _begun(population.claims, families, month, "submitted_date"),
        "attendance": attendance(population.people, people, month, population.seed),
    }


def _families(population: Population, month: str) -> pl.DataFrame:
    end = month_end(month)
    is_closed = pl.col("end_date") <= end
    return population.families.filter(pl.col("start_date") <= end).with_columns(
        pl.when(is_closed).then(pl.col("end_date", "closure_reason")),
    )


def _people(
    population: Population, month: str, families: pl.DataFrame, only_with_issues: Collection[str]
) -> pl.DataFrame:
    end = month_end(month)
    is_comparison = pl.col("programme_group") == "comparison"
    is_sparing = pl.col("authority").is_in(list(only_with_issues))
    hidden = is_comparison & is_sparing & ~pl.col("has_issue")
    age = (pl.lit(end) - pl.col("date_of_birth")).dt.total_days() / 365.25
    unborn = pl.col("date_of_birth") > end
    return (
        population.people.join(
            families.select("family"), on="family", how="semi", maintain_order="left"
        )
        .filter((pl.col("listed_from") <= end) & ~hidden)
        .with_columns(
            unborn.alias("is_unborn_person"),
            (pl.col("is_adult") | (age >= ADULT_AGE)).alias("is_grown_up"),
            pl.when(unborn).then("date_of_birth").alias("expected_date"),
            pl.when(~unborn).then("date_of_birth").alias("date_of_birth"),
            pl.when(~unborn).then("forename").alias("forename"),
            pl.when(unborn).then(pl.lit("not_known")).otherwise("sex").alias("sex"),
            pl.when(unborn).then(pl.lit("yes")).otherwise(pl.lit("no")).alias("is_unborn"),
            # relationships in a comparison family are not known
            pl.when(is_comparison)
            .then(pl.lit("not_known"))
            .otherwise("relationship")
            .alias("relationship"),
            pl.when(age >= UPN_AGE).then("upn").alias("upn"),
            pl.when(age >= NINO_AGE).then("nino").alias("nino"),
            pl.when(~unborn)
            .then(pl.concat_str("forename", "surname", separator=" "))
            .alias("full_name"),
            pl.lit(end).alias("as_at"),
            pl.lit(None, pl.String).alias("comments"),
            pl.col("member").alias("item"),
        )
    )


def _needs(families: pl.DataFrame, month: str) -> pl.DataFrame:
    """Wide: `need_<n>` is yes, no or not_known at month end, by the framework in force then."""
    end = month_end(month)
    return families.with_columns(
        pl.when(pl.col(f"need_{code}_from") <= end)
        .then(f"need_{code}")
        .otherwise(pl.lit("not_known"))
        .alias(f"need_{code}")
        for code in framework_in_force(month).needs
    )


def _incidents(population: Population, families: pl.DataFrame, month: str) -> pl.DataFrame:
    """Counts for families open in the month; all null if nobody checked."""
    first = month_end(month).replace(day=1)
    everyone = population.families.height
    chance = stream(population.seed, "incidents", month).random((everyone, 5))
    looked = chance[:, 4] < 0.95
    counts = pl.DataFrame(
        {"family": population.families["family"]}
        | {
            kind: np.searchsorted(steps, chance[:, i])
            for i, (kind, steps) in enumerate(INCIDENT_STEPS.items())
        }
    ).with_columns(
        pl.when(pl.Series(looked)).then(pl.col(kind)).alias(kind) for kind in INCIDENT_STEPS
    )
    is_open = pl.col("end_date").is_null() | (pl.col("end_date") >= first)
    return (
        families.filter(is_open)
        .join(counts, on="family", how="left", maintain_order="left")
        .with_columns(pl.lit(first).alias("incident_month"), pl.lit(1).alias("item"))
    )


def _begun(rows: pl.DataFrame, families: pl.DataFrame, month: str, by: str) -> pl.DataFrame:
    """Rows that began by month end; a later end date is removed."""
    end = month_end(month)
    rows = rows.join(families.select("family"), on="family", how="semi", maintain_order="left")
    rows = rows.filter(pl.col(by) <= end)
    if "end_date" in rows.columns:
        rows = rows.with_columns(
            pl.when(pl.col("end_date") <= end).then("end_date").alias("end_date")
        )
    return rows
