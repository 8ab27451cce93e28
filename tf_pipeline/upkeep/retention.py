"""How long what is kept is kept: the rows of `retention_periods.csv` in force, as months."""

from dataclasses import dataclass
from datetime import date

from tf_pipeline.errors import UserFacingError
from tf_pipeline.rules.crosswalks import seed
from tf_pipeline.vocabulary import KEPT_BESIDE


class RetentionProblem(UserFacingError):
    """For something that is kept no period is declared, or two are; nothing is removed."""


@dataclass(frozen=True)
class Period:
    """What is kept, and the first month that still is (YYYY-MM)."""

    kept: str
    months: int
    first_month: str


def periods(today: date) -> list[Period]:
    """The period of each dataset and of everything else that is kept.

    A month is kept for that many whole months after it ended. Raises RetentionProblem.
    """
    rows = seed("declarations/retention_periods.csv")
    day = today.isoformat()
    found = []
    for kept in (*seed("reference/ref_datasets.csv")["dataset"], *KEPT_BESIDE):
        said = [
            row["kept_months"]
            for row in rows.iter_rows(named=True)
            if row["kept"] == kept
            and row["valid_from"] <= day
            and (row["valid_to"] is None or row["valid_to"] >= day)
        ]
        if len(said) != 1:
            raise RetentionProblem(
                f"retention_periods.csv has {len(said)} rows in force for {kept}; expected one, "
                f"such as {kept},72,{day},,the purpose,role:gm-data-protection-lead,{day}. "
                "Nothing was removed"
            )
        found.append(Period(kept, int(said[0]), _first_kept(today, int(said[0]))))
    return found


def _first_kept(today: date, months: int) -> str:
    number = today.year * 12 + today.month - 1 - months
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
