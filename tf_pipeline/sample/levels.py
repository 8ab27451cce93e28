"""Interventions under an authority's own names, with the data that determines their level."""

import polars as pl

from tf_pipeline.rules.crosswalks import in_force, seed
from tf_pipeline.sample.dialect import Dialect

LEVELS = ["L1", "L2", "L3"]
UNCLASSIFIED = "unclassified"
HOURS_STEP, HOURS_ABOVE = 0.5, 8.0
# hours for interventions whose level does not depend on them
USUAL_HOURS = {"L1": [0.5, 1.0, 1.5], "L2": [2.0, 3.0, 4.5], "L3": [5.5, 8.0, 12.0]}


def named(interventions: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    """Adds `intervention` (as delivered), `intensity_level` (as supplied), `hours_per_week` and
    `level_found`: the level according to the authority's own rules."""
    rows = _rows("xwalk_intensity_levels", dialect)
    hours = hours_levels(dialect)
    by_level = _by_level(rows, hours)
    supplied = dialect.headings["interventions"].get("intensity_level") is not None
    has_hours = dialect.headings["interventions"].get("hours_per_week") is not None
    known = dialect.choices("interventions", "intensity_level")
    names = pl.concat(
        [_numbered(found, level) for level, found in by_level.items() if found.height]
    )
    frame = interventions.with_columns(
        (pl.col("name_pick") * pl.col("level").replace_strict(
            {level: max(found.height, 1) for level, found in by_level.items()},
            return_dtype=pl.Int64,
        )).cast(pl.Int64).alias("choice"),
    )  # fmt: skip
    # if the authority has no intervention for a level, its delivery lacks that level
    frame = frame.join(names, on=["level", "choice"], how="inner", maintain_order="left")
    by_hours = pl.col("level_rule") == "hours"
    frame = _with_hours(frame, hours, by_hours)
    as_supplied = (pl.col("level_rule") == "as_supplied") & pl.col("agreed").is_in(
        [level for level in LEVELS if level in known and supplied]
    )
    hours_decide = by_hours & pl.col("level").is_in(list(hours)) & pl.lit(has_hours)
    return frame.with_columns(
        pl.when(as_supplied | (pl.col("level_rule") == "level"))
        .then("agreed")
        .when(hours_decide & pl.col("hours_per_week").is_not_null())
        .then("level")
        .otherwise(pl.lit(UNCLASSIFIED))
        .alias("level_found"),
        pl.when(as_supplied)
        .then("agreed")
        .otherwise(pl.lit(UNCLASSIFIED))
        .alias("intensity_level"),
    )


def services(dialect: Dialect) -> pl.DataFrame:
    """The authority's list of its interventions with their levels."""
    rows = _rows("xwalk_intensity_levels", dialect)
    return rows.select(
        pl.col("delivered").alias("intervention"),
        pl.when(pl.col("level_rule") == "none")
        .then(pl.lit(UNCLASSIFIED))
        .otherwise(pl.col("intensity_level").fill_null(UNCLASSIFIED))
        .alias("intensity_level"),
        pl.col("delivered").alias("row_key"),
    ).unique("intervention", keep="first", maintain_order=True)


def hours_levels(dialect: Dialect) -> dict[str, list[float]]:
    """Level → hours a week that lead to it; includes range ends only if the rule does."""
    found: dict[str, list[float]] = {}
    for row in _rows("xwalk_hours_levels", dialect).iter_rows(named=True):
        least = float(row["hours_from"] or 0)
        most = float(row["hours_to"]) if row["hours_to"] else least + HOURS_ABOVE
        steps = [least + HOURS_STEP * i for i in range(int((most - least) / HOURS_STEP) + 1)]
        found[row["intensity_level"]] = [
            h
            for h in steps
            if h > 0
            and (h > least or row["is_from_included"] == "true")
            and (not row["hours_to"] or h < most or row["is_to_included"] == "true")
        ]
    return found


def _rows(name: str, dialect: Dialect) -> pl.DataFrame:
    rows = in_force(seed(f"crosswalks/{name}.csv"), dialect.month)
    return rows.filter(pl.col("authority") == dialect.authority)


def _by_level(rows: pl.DataFrame, hours: dict[str, list[float]]) -> dict[str, pl.DataFrame]:
    """Level → the interventions that may have it."""
    by_hours = pl.col("level_rule") == "hours"
    level = pl.col("intensity_level")
    found = {
        one: rows.filter((~by_hours & (level == one)) | (by_hours & pl.lit(one in hours)))
        for one in LEVELS
    }
    found[UNCLASSIFIED] = rows.filter(by_hours | level.is_null() | (pl.col("level_rule") == "none"))
    return found


def _numbered(rows: pl.DataFrame, level: str) -> pl.DataFrame:
    return rows.select(
        pl.lit(level).alias("level"),
        pl.int_range(pl.len()).alias("choice"),
        pl.col("delivered").alias("intervention"),
        "level_rule",
        pl.col("intensity_level").alias("agreed"),
    )


def _with_hours(
    frame: pl.DataFrame, hours: dict[str, list[float]], by_hours: pl.Expr
) -> pl.DataFrame:
    chosen = pl.lit(None, pl.Float64)
    for level in LEVELS:
        for options, condition in ((hours.get(level), by_hours), (USUAL_HOURS[level], ~by_hours)):
            if options:
                index = (pl.col("hours_pick") * len(options)).cast(pl.Int64)
                text = index.replace_strict(dict(enumerate(options)), return_dtype=pl.Float64)
                chosen = (
                    pl.when(condition & (pl.col("level") == level)).then(text).otherwise(chosen)
                )
    return frame.with_columns(
        pl.when("has_hours").then(chosen).cast(pl.String).alias("hours_per_week")
    )
