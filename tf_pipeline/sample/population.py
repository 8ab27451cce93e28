"""Invents families and everything that will ever happen to them, for all months at once.

A month is then only a view (`snapshot.py`), so months agree with each other. Families that join in
a later month are a separate cohort: generating more months changes no earlier family.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from tf_pipeline.calendar import month_end
from tf_pipeline.rules.frameworks import frameworks
from tf_pipeline.sample.names import POSTCODE_AREA, POSTCODE_LETTERS, STREETS, SURNAMES
from tf_pipeline.sample.people import draw_people, number_people
from tf_pipeline.sample.randomness import stream

# share of families with each need
NEED_SHARES = {
    "crime_asb": 0.4, "education": 0.5, "children_need_help": 0.6, "worklessness_finance": 0.6,
    "domestic_abuse": 0.35, "health": 0.5, "good_education": 0.45, "early_years_development": 0.25,
    "mental_and_physical_health": 0.6, "substance_use": 0.25, "family_relationships": 0.5,
    "safe_from_abuse_and_exploitation": 0.2, "diverted_from_crime": 0.3,
    "safe_from_domestic_abuse": 0.35, "secure_housing": 0.3, "financial_stability": 0.5,
}  # fmt: skip
OTHER_NEED = 0.4
JOIN_LATER = 0.02
PROGRAMME_BEGAN = date(2014, 9, 1)
# every listed family was attached within this time
ATTACHED_WITHIN = timedelta(days=3 * 365)
CLOSURES = [
    "outcomes_achieved", "stepped_down", "disengaged", "moved_out_of_area", "closed_other",
]  # fmt: skip


@dataclass(frozen=True)
class Population:
    """All people and all work with them, past and future, with dates."""

    seed: int
    families: pl.DataFrame
    people: pl.DataFrame
    interventions: pl.DataFrame
    claims: pl.DataFrame


def population(
    families: int, authorities: Sequence[str], months: Sequence[str], seed: int
) -> Population:
    """Invents `families` families attached by the end of the first month, and a few later ones."""
    ordered = sorted(set(months))
    sizes = [families, *(max(1, round(families * JOIN_LATER)) for _ in ordered[1:])]
    drawn = [
        _families(size, authorities, month, month != ordered[0], seed)
        for size, month in zip(sizes, ordered, strict=True)
    ]
    starts = np.cumsum([0, *sizes])
    everyone = pl.concat(
        frame.with_columns((pl.col("family") + start).alias("family"))
        for frame, start in zip(drawn, starts, strict=False)
    ).with_columns(pl.col("family").cum_count().over("authority").alias("family_number"))
    cohorts = [everyone.slice(start, size) for start, size in zip(starts, sizes, strict=False)]
    people = pl.concat(
        draw_people(c, stream(seed, "people", m), month_end(ordered[0]))
        for c, m in zip(cohorts, ordered, strict=True)
    )
    work = pl.concat(
        _interventions(c, stream(seed, "interventions", m), month_end(ordered[0]))
        for c, m in zip(cohorts, ordered, strict=True)
    )
    claims = pl.concat(
        _claims(c, stream(seed, "claims", m)) for c, m in zip(cohorts, ordered, strict=True)
    ).with_columns(pl.col("family").cum_count().over("authority").alias("claim_number"))
    return Population(seed, everyone, number_people(people, authorities), work, claims)


def _families(
    size: int, authorities: Sequence[str], month: str, is_later: bool, seed: int
) -> pl.DataFrame:
    chance = stream(seed, "families", month)
    end = month_end(month)
    began = max(min(PROGRAMME_BEGAN, end - timedelta(days=300)), end - ATTACHED_WITHIN)
    first = end.replace(day=1) if is_later else began
    # authorities differ in size, but none is tiny
    weights = 0.7 + 0.8 * stream(seed, "sizes").random(len(authorities))
    authority = chance.choice(np.array(authorities), size, p=weights / weights.sum())
    if size >= 5 * len(authorities):
        authority[: 5 * len(authorities)] = np.repeat(np.array(authorities), 5)
    is_programme = chance.random(size) < 0.85
    start = np.datetime64(first) + chance.integers(0, (end - first).days + 1, size)
    closed = is_programme & (chance.random(size) < 0.5)
    area = [f"{POSTCODE_AREA}{chr(65 + i % 26)}" for i in range(len(authorities))]
    area_of = dict(zip(authorities, area, strict=True))
    letters = list(POSTCODE_LETTERS)
    has_address = chance.random(size) < 0.92
    frame = pl.DataFrame(
        {
            "family": np.arange(size),
            "authority": authority,
            "programme_group": np.where(is_programme, "programme", "comparison"),
            "start_date": start,
            "end_date": start + chance.integers(90, 720, size),
            "closure_reason": chance.choice(CLOSURES, size),
            "work_began_date": start - np.where(chance.random(size) < 0.2, 90, 0),
            "surname": chance.choice(SURNAMES, size),
            "house": chance.integers(1, 200, size),
            "street": chance.choice(STREETS, size),
            "district": chance.integers(1, 15, size),
            "inward": chance.integers(1, 10, size),
            "unit": np.char.add(chance.choice(letters, size), chance.choice(letters, size)),
            "worker": chance.integers(1, 25, size),
            "ward_number": chance.integers(1, 9, size),
            "has_debt": chance.random(size) < 0.3,
            "debt_pounds": chance.integers(1, 80, size) * 50,
            "basis_pick": chance.random(size),
            "alcohol": chance.choice(["yes", "no", "not_known"], size, p=[0.25, 0.65, 0.1]),
            **_needs(size, chance, month, seed),
        }
    )
    address = pl.format("{} Synthetic {}", "house", "street")
    area_column = pl.col("authority").replace_strict(area_of, return_dtype=pl.String)
    postcode = pl.format("{}{} {}{}", area_column, "district", "inward", "unit")
    return frame.with_columns(
        pl.col("start_date", "end_date", "work_began_date").cast(pl.Date),
        pl.when(pl.Series(has_address)).then(address).alias("address"),
        pl.when(pl.Series(has_address)).then(postcode).alias("postcode"),
        _worker().alias("key_worker"),
        pl.format("Synthetic Ward {}", "ward_number").alias("ward"),
        pl.when("has_debt").then(pl.col("debt_pounds").cast(pl.String)).alias("debt"),
    ).with_columns(
        pl.when(pl.Series(closed)).then(pl.col("end_date", "closure_reason")),
    )


def _needs(size: int, chance: np.random.Generator, month: str, seed: int) -> dict[str, np.ndarray]:
    """`need_<n>` yes or no, and `need_<n>_from`: the day from which it is known, null for never."""
    columns: dict[str, np.ndarray] = {}
    for position, framework in enumerate(frameworks()):
        # a later framework uses separate random numbers, so that earlier months do not change
        drawn = stream(seed, "needs", framework.name, month) if position else chance
        for code, need in framework.needs.items():
            share = NEED_SHARES.get(need, OTHER_NEED)
            columns[f"need_{code}"] = np.where(drawn.random(size) < share, "yes", "no")
            known = drawn.random(size)
            later = np.datetime64(month_end(month)) + drawn.integers(1, 90, size)
            day = np.where(known < 0.87, np.datetime64("1900-01-01"), later)
            columns[f"need_{code}_from"] = np.where(known < 0.93, day, np.datetime64("NaT", "D"))
    return columns


def _interventions(
    families: pl.DataFrame, chance: np.random.Generator, horizon: date
) -> pl.DataFrame:
    """The interventions of each family; `level` is canonical, their names come later."""
    size = families.height
    is_programme = (families["programme_group"] == "programme").to_numpy()
    many = chance.choice(7, size, p=[0.04, 0.16, 0.25, 0.25, 0.15, 0.1, 0.05])
    few = (chance.random(size) < 0.25).astype(int)
    counts = np.where(is_programme, many, few)
    whose = np.repeat(np.arange(size), counts)
    ordinal = np.arange(len(whose)) - np.repeat(np.cumsum(counts) - counts, counts)
    own = families[whose]
    rows = len(whose)
    began = own["start_date"].to_numpy()
    open_days = np.maximum((np.datetime64(horizon) - began).astype(int), 0)
    # some interventions begin after the first month, so that months differ
    after = (chance.random(rows) * (open_days + 45)).astype(int)
    start = began + np.where(ordinal == 0, np.minimum(after, 20), after)
    ended = chance.random(rows) < 0.5
    end = np.where(ended, start + chance.integers(30, 300, rows), np.datetime64("NaT", "D"))
    second = chance.random(rows) < 0.15
    return own.select("family", "authority", "programme_group", "worker").with_columns(
        pl.Series("item", ordinal + 1),
        pl.Series("level", chance.choice(4, rows, p=[0.34, 0.36, 0.2, 0.1])).replace_strict(
            {0: "L1", 1: "L2", 2: "L3", 3: "unclassified"}, return_dtype=pl.String
        ),
        pl.Series("name_pick", chance.random(rows)),
        pl.Series("hours_pick", chance.random(rows)),
        pl.Series("has_hours", chance.random(rows) < 0.95),
        pl.Series("start_date", start).cast(pl.Date),
        pl.Series("end_date", end).cast(pl.Date),
        pl.when(pl.Series(second))
        .then(pl.format("{} / Synthetic Worker {}", _worker(), pl.col("worker") + 1))
        .otherwise(_worker())
        .alias("workers"),
    )


def _claims(families: pl.DataFrame, chance: np.random.Generator) -> pl.DataFrame:
    """Claims for programme families, with the day of submission."""
    able = families.filter(pl.col("programme_group") == "programme")
    own = able.filter(pl.Series(chance.random(able.height) < 0.25))
    rows = own.height
    began = own["start_date"].to_numpy()
    is_work = chance.random(rows) < 0.35
    end = began + chance.integers(120, 330, rows)
    mid = np.where(chance.random(rows) < 0.6, end - 90, np.datetime64("NaT", "D"))
    weeks = pl.Series(chance.integers(13, 31, rows)).cast(pl.String)
    before = pl.Series(chance.choice(["jsa", "esa_wrag", "is", "uc"], rows), dtype=pl.String)
    return own.select("family", "authority").with_columns(
        pl.lit(1).alias("item"),
        pl.Series("claim_type", np.where(is_work, "employment", "progress"), dtype=pl.String),
        pl.Series("mid_point_date", mid).cast(pl.Date),
        pl.Series("end_point_date", end).cast(pl.Date),
        pl.Series("submitted_date", end + chance.integers(10, 60, rows)).cast(pl.Date),
        pl.when(pl.Series(is_work)).then(weeks).alias("weeks_in_work"),
        pl.when(pl.Series(is_work)).then(before).alias("benefit_before"),
        pl.lit("800").alias("value"),
    )


def _worker() -> pl.Expr:
    return pl.format("Synthetic Worker {}", "worker")
