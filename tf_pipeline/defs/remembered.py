"""Months that were asked for from another inbox, so that the UI shows them too. No Dagster here."""

from collections.abc import Iterable

from tf_pipeline import paths
from tf_pipeline.naming import is_month

# months that this process is asked to load, whether they come to anything or not
LOADING = "TF_LOADING_MONTHS"


def remember_months(months: Iterable[str]) -> None:
    """Keeps months beside Dagster's instance."""
    folder = paths.dagster_home() / "months"
    folder.mkdir(parents=True, exist_ok=True)
    for month in months:
        (folder / month).touch()


def remembered_months() -> list[str]:
    """Months kept before, in order."""
    found = (paths.dagster_home() / "months").glob("*")
    return sorted(path.name for path in found if is_month(path.name))
