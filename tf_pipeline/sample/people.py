"""Invents the people of families, and their pupil and National Insurance numbers."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from tf_pipeline.rules.crosswalks import seed as seed_rows
from tf_pipeline.sample.names import FORENAMES, NINO_PREFIXES, SURNAMES, UPN_LETTERS

BENEFITS = ["jsa", "esa_wrag", "esa_support", "is", "uc", "none", "not_known"]
BENEFIT_SHARES = [0.15, 0.1, 0.1, 0.15, 0.15, 0.25, 0.1]
OTHER_ADULTS = ["partner", "step_parent", "grandparent", "other_adult"]
YOUNG = ["child", "sibling", "other_child"]
# an expected child is listed for about half a year before birth
LISTED_BEFORE_BIRTH = 180


def draw_people(families: pl.DataFrame, chance: np.random.Generator, horizon: date) -> pl.DataFrame:
    """People of a cohort of families, in family order; `member` numbers them within the family."""
    size = families.height
    adults = chance.choice([1, 2, 3], size, p=[0.5, 0.4, 0.1])
    children = chance.choice(7, size, p=[0.04, 0.2, 0.3, 0.22, 0.14, 0.07, 0.03])
    expected = (chance.random(size) < 0.07).astype(int)
    counts = adults + children + expected
    whose = np.repeat(np.arange(size), counts)
    place = np.arange(len(whose)) - np.repeat(np.cumsum(counts) - counts, counts)
    is_adult = place < adults[whose]
    is_expected = place >= (adults + children)[whose]
    rows = len(whose)
    relationship = np.where(
        is_adult,
        np.where(place == 0, "parent", chance.choice(OTHER_ADULTS, rows, p=[0.6, 0.2, 0.1, 0.1])),
        chance.choice(YOUNG, rows, p=[0.85, 0.05, 0.1]),
    )
    years = np.where(is_adult, chance.integers(19, 56, rows), chance.integers(0, 17, rows))
    years = years + np.where(relationship == "grandparent", 25, 0)
    own = families[whose]
    born = own["start_date"].to_numpy() - years * 365 - chance.integers(1, 365, rows)
    due = np.datetime64(horizon) + chance.integers(-60, 200, rows)
    born = np.where(is_expected, due, born)
    # a gap in the numbers: the third member of some families has left the list
    gap = (chance.random(size) < 0.08).astype(int)
    sexes = np.array(["female", "male", "not_known"])
    moved = chance.random(rows)
    return own.select("family", "authority", "programme_group", "postcode").with_columns(
        pl.Series("member", place + 1 + np.where(place >= 2, gap[whose], 0)),
        pl.Series("is_adult", is_adult),
        pl.Series("forename", chance.choice(FORENAMES, rows), dtype=pl.String),
        pl.when(pl.Series(chance.random(rows) < 0.85))
        .then(own["surname"])
        .otherwise(pl.Series(chance.choice(SURNAMES, rows), dtype=pl.String))
        .alias("surname"),
        pl.Series("sex", sexes[chance.choice(3, rows, p=[0.5, 0.49, 0.01])], dtype=pl.String),
        pl.Series("relationship", relationship, dtype=pl.String),
        pl.Series("date_of_birth", born).cast(pl.Date),
        pl.Series("listed_from", np.where(is_expected, born - LISTED_BEFORE_BIRTH, born)).cast(
            pl.Date
        ),
        pl.Series("has_issue", (place == 0) | (chance.random(rows) < 0.6)),
        pl.Series("has_upn", chance.random(rows) < 0.95),
        pl.Series("has_nino", chance.random(rows) < 0.85),
        pl.Series("benefit", chance.choice(BENEFITS, rows, p=BENEFIT_SHARES), dtype=pl.String),
        pl.Series("school_pick", moved),
        pl.Series("absence", chance.random(rows) ** 3),
    )


def number_people(people: pl.DataFrame, authorities: Sequence[str]) -> pl.DataFrame:
    """Adds `person`, numbers within the authority, NINO and UPN, and each child's school."""
    la_numbers = school_numbers(authorities)
    homes = pl.col("authority").replace_strict(la_numbers, return_dtype=pl.String)
    people = people.with_columns(
        pl.int_range(pl.len()).alias("person"),
        pl.col("member").cum_count().over("authority").alias("person_number"),
        pl.col("is_adult").not_().cum_sum().over("authority").alias("child_number"),
        homes.alias("la_number"),
        _school_authority(authorities).alias("school_authority"),
    )
    learns_in = pl.col("school_authority").replace_strict(la_numbers, return_dtype=pl.String)
    # every thousand children of an authority share a first school
    entry = (pl.col("date_of_birth").dt.year() + 5) % 100
    body = pl.concat_str(
        "la_number",
        (2000 + pl.col("child_number") // 1000).cast(pl.String),
        entry.cast(pl.String).str.zfill(2),
        (pl.col("child_number") % 1000).cast(pl.String).str.zfill(3),
    )
    # 7919 and six million have no common factor, so no two people share a number
    nino = (pl.col("person") * 7919 + 4321) % (len(NINO_PREFIXES) * 1_000_000)
    prefixes = dict(enumerate(NINO_PREFIXES))
    suffixes = dict(enumerate("ABCD"))
    return people.with_columns(
        pl.when(~pl.col("is_adult") & pl.col("has_upn")).then(body).alias("upn_body"),
        pl.when("has_nino")
        .then(
            pl.concat_str(
                (nino // 1_000_000).replace_strict(prefixes, return_dtype=pl.String),
                (nino % 1_000_000).cast(pl.String).str.zfill(6),
                (pl.col("person") % 4).replace_strict(suffixes, return_dtype=pl.String),
            )
        )
        .alias("nino"),
        pl.concat_str(learns_in, pl.lit("2"), _school(40)).alias("primary_school"),
        pl.concat_str(learns_in, pl.lit("4"), _school(15)).alias("secondary_school"),
    ).with_columns(
        pl.concat_str(_check_letter("upn_body"), "upn_body").alias("upn"),
    ).drop("upn_body", "la_number")  # fmt: skip


def school_numbers(authorities: Sequence[str]) -> dict[str, str]:
    """Invented three-digit codes for each authority in school and pupil numbers."""
    rows = seed_rows("reference/ref_authorities.csv")
    known = dict(rows.select("authority", "school_la_number").iter_rows())
    return {a: known.get(a) or f"{980 + i}" for i, a in enumerate(authorities)}


def _school_authority(authorities: Sequence[str]) -> pl.Expr:
    """Most children go to school where they live, some in another authority, a few outside all."""
    pick = pl.col("school_pick")
    next_door = {
        home: authorities[(i + 1) % len(authorities)] for i, home in enumerate(authorities)
    }
    return (
        pl.when(pick < 0.93)
        .then("authority")
        .when(pick < 0.975)
        .then(pl.col("authority").replace_strict(next_door, return_dtype=pl.String))
    )


def _school(count: int) -> pl.Expr:
    return (pl.col("child_number") % count).cast(pl.String).str.zfill(3)


def _check_letter(body: str) -> pl.Expr:
    """Check letter of a unique pupil number: sum of position × digit, positions 2 to 13, mod 23."""
    total = pl.sum_horizontal(
        pl.col(body).str.slice(i, 1).cast(pl.Int32) * (i + 2) for i in range(12)
    )
    letters = dict(enumerate(UPN_LETTERS))
    return (total % 23).replace_strict(letters, return_dtype=pl.String)
