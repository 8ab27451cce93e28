"""The months that Dagster shows as partitions.

They are dynamic: a newly loaded month appears at once, even in a UI that is already open.
"""

from collections.abc import Iterable

import dagster as dg

from tf_pipeline.known_months import known_months
from tf_pipeline.releases.queries import latest_releases

NAME = "month"
MONTHS = dg.DynamicPartitionsDefinition(name=NAME)


def show_months(instance: dg.DagsterInstance, months: Iterable[str] = ()) -> None:
    """Adds the given months and those of the inbox to the partitions."""
    wanted = {*months, *known_months()}
    missing = wanted - set(instance.get_dynamic_partitions(NAME))
    if missing:
        instance.add_dynamic_partitions(NAME, sorted(missing))


def show_known_months() -> None:
    """Adds the months of the inbox and of the release, before a UI opens."""
    with dg.DagsterInstance.get() as instance:
        show_months(instance, latest_releases())
