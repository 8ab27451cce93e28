"""The months in the inbox."""

from tf_pipeline import paths
from tf_pipeline.calendar import is_month


def known_months() -> list[str]:
    """Months of the inbox, in order."""
    return sorted(path.name for path in paths.inbox_dir().glob("*") if is_month(path.name))
