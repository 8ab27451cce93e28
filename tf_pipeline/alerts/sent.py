"""The record of sent alerts, by channel and time: a small file shared by daemon and terminal."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from tf_pipeline import paths
from tf_pipeline.files import file_lock, write_whole


class Sent:
    """Channel → key of an alert → when it was last sent."""

    def __init__(self, told: dict[str, dict[str, str]]) -> None:
        self.told = told

    def when(self, channel: str, key: str) -> datetime | None:
        """When a channel last sent an alert; None if never."""
        times = self.told.get(channel, {}).get(key)
        return datetime.fromisoformat(times) if times else None

    def keep(self, keys: Iterable[str]) -> None:
        """Deletes alerts that no longer exist, so that they are sent again if they come back."""
        standing = set(keys)
        for channel, times in self.told.items():
            self.told[channel] = {key: at for key, at in times.items() if key in standing}
        self._write()

    def add(self, channel: str, keys: Iterable[str], now: datetime) -> None:
        """Records immediately which alerts were just sent."""
        self.told.setdefault(channel, {}).update(dict.fromkeys(keys, now.isoformat()))
        self._write()

    def _write(self) -> None:
        write_whole(paths.alerts_path(), json.dumps(self.told, indent=1))


@contextmanager
def sent() -> Iterator[Sent]:
    """The record under a lock: two senders at the same time would send everything twice."""
    path = paths.alerts_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file_lock(path.with_suffix(".lock")):
        yield read_sent()


def read_sent() -> Sent:
    """The record as it is, for reading only."""
    path = paths.alerts_path()
    return Sent(json.loads(path.read_text("utf-8")) if path.exists() else {})
