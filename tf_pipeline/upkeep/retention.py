"""Retention periods: the rows of `retention_periods.csv` in force, as months."""

from dataclasses import dataclass
from datetime import date

from tf_pipeline.errors import UserFacingError
from tf_pipeline.rules.crosswalks import seed
from tf_pipeline.vocabulary import KEPT_BESIDE


class RetentionProblem(UserFacingError):
    """Something has no declared period, or two; nothing is removed."""


@dataclass(frozen=True)
class Period:
    """What is kept, for how long, and the first month still kept (YYYY-MM)."""

    kept: str
    months: int
    first_month: str


def periods(today: date) -> list[Period]:
    """The retention period of each dataset and of everything else that is kept.

    A month is kept for that many whole months after its end. Raises RetentionProblem.
    """
    rows = seed("declarations/retention_periods.csv")
    day = today.isoformat()
    found = []
    for kept in (*seed("reference/ref_datasets.csv")["dataset"], *KEPT_BESIDE):
        active = [
            row["kept_months"]
            for row in rows.iter_rows(named=True)
            if row["kept"] == kept
            and row["valid_from"] <= day
            and (row["valid_to"] is None or row["valid_to"] >= day)
        ]
        if len(active) != 1:
            raise RetentionProblem(
                f"retention_periods.csv has {len(active)} rows in force for {kept}; expected 1, "
                f"such as {kept},72,{day},,the purpose,role:gm-data-protection-lead,{day}. "
                "Nothing was removed"
            )
        found.append(Period(kept, int(active[0]), _first_kept(today, int(active[0]))))
    return found


def _first_kept(today: date, months: int) -> str:
    number = today.year * 12 + today.month - 1 - months
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
