"""Whether the published month reflects its current deliveries and rules."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from tf_pipeline.releases.fingerprint import fingerprint
from tf_pipeline.releases.queries import latest_releases, months_behind


@dataclass(frozen=True)
class MonthState:
    """A month's fingerprint now, whether that state is published, and later published months."""

    fingerprint: str
    is_published: bool
    later: Sequence[str]


def month_state(month: str, inbox: Path, to_come: Collection[str] = ()) -> MonthState:
    """The state of a month; the months `to_come` are loaded after it anyway."""
    known = latest_releases()
    earlier = [one for one in known if one < month]
    current = fingerprint(inbox / month, known[max(earlier)] if earlier else "")
    behind = set(months_behind(month)) - {*to_come}
    later = sorted(one for one in known if one > month and one not in to_come)
    return MonthState(current, known.get(month) == current and not behind, later)
