"""Attendance of invented pupils: possible and missed sessions in every finished half-term."""

from datetime import date

import numpy as np
import polars as pl

from tf_pipeline.calendar import month_end
from tf_pipeline.sample.randomness import stream

# last day of each half-term (years after the year begins, month, day) and its sessions
HALF_TERMS = [
    (0, 10, 23, 72),
    (0, 12, 18, 68),
    (1, 2, 12, 60),
    (1, 3, 24, 56),
    (1, 5, 27, 58),
    (1, 7, 20, 66),
]
YEARS_BACK = 2
SECONDARY_FROM = 11


def finished_half_terms(month: str) -> list[tuple[int, int, int]]:
    """(first year of academic year, half-term, sessions), finished by month end, for two years."""
    end = month_end(month)
    this_year = end.year if end.month >= 9 else end.year - 1
    return [
        (year, number, sessions)
        for year in range(this_year - YEARS_BACK + 1, this_year + 1)
        for number, (after, m, d, sessions) in enumerate(HALF_TERMS, start=1)
        if date(year + after, m, d) <= end
    ]


def attendance(everyone: pl.DataFrame, listed: pl.DataFrame, month: str, seed: int) -> pl.DataFrame:
    """One row per pupil and half-term; `authority` is the school's, not the pupil's own.

    `everyone`: all people of all months, in order; `listed`: those listed in this month.
    """
    pupils = listed.filter(pl.col("upn").is_not_null() & pl.col("school_authority").is_not_null())
    rows = pupils["person"].to_numpy()
    pieces = []
    for year, half_term, possible in finished_half_terms(month):
        # draw numbers for everyone, so that a pupil has the same numbers in every month
        chance = stream(seed, "attendance", year, half_term).random((everyone.height, 3))[rows]
        rate = pupils["absence"].to_numpy()
        late = chance[:, 0] < 0.03
        sessions = np.where(late, possible // 2, possible)
        authorised = np.floor(sessions * (0.005 + 0.25 * rate) * 2 * chance[:, 1]).astype(int)
        unauthorised = np.floor(sessions * 0.15 * rate * 2 * chance[:, 2]).astype(int)
        unauthorised = np.minimum(unauthorised, sessions - authorised)
        age = _age_on(date(year, 8, 31))
        pieces.append(
            pupils.with_columns(
                pl.lit(f"{year}/{(year + 1) % 100:02d}").alias("academic_year"),
                pl.lit(str(half_term)).alias("half_term"),
                pl.lit(half_term).alias("item"),
                pl.Series("possible", sessions),
                pl.Series("authorised", authorised),
                pl.Series("unauthorised", unauthorised),
                pl.when(age >= SECONDARY_FROM)
                .then("secondary_school")
                .otherwise("primary_school")
                .alias("laestab"),
                # a few rows are missing
                pl.Series("is_sent", chance[:, 0] < 0.99),
            ).filter(age.is_between(5, 15) & pl.col("is_sent"))
        )
    attended = pl.col("possible") - pl.col("authorised") - pl.col("unauthorised")
    percent = (100 * attended / pl.col("possible")).round(1).cast(pl.String)
    return (
        pl.concat(pieces)
        .sort("person", "academic_year", "half_term")
        .select(
            pl.col("school_authority").alias("authority"),
            pl.format("{}|{}", "person", "academic_year").alias("row_key"),
            "item", "upn", "forename", "surname", "full_name", "date_of_birth", "laestab",
            "academic_year", "half_term",
            pl.col("possible").cast(pl.String).alias("sessions_possible"),
            pl.col("authorised").cast(pl.String).alias("sessions_authorised"),
            pl.col("unauthorised").cast(pl.String).alias("sessions_unauthorised"),
            attended.cast(pl.String).alias("sessions_attended"),
            pl.format("{}%", percent).alias("attendance_percent"),
        )
    )  # fmt: skip


def _age_on(day: date) -> pl.Expr:
    born = pl.col("date_of_birth")
    had = (born.dt.month() < day.month) | (
        (born.dt.month() == day.month) & (born.dt.day() <= day.day)
    )
    return pl.lit(day.year) - born.dt.year() - 1 + had.cast(pl.Int32)
