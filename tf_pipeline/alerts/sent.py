"""What was told, by which channel and when: a small file that daemon and terminal share."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from tf_pipeline import paths
from tf_pipeline.files import file_lock, write_whole


class Sent:
    """Channel → key of an alert → when it was last told."""

    def __init__(self, told: dict[str, dict[str, str]]) -> None:
        self.told = told

    def when(self, channel: str, key: str) -> datetime | None:
        """When an alert was last told by a channel; None where it was not."""
        said = self.told.get(channel, {}).get(key)
        return datetime.fromisoformat(said) if said else None

    def keep(self, keys: Iterable[str]) -> None:
        """Forgets what stands no more: should it come again, it is told again."""
        standing = set(keys)
        for channel, said in self.told.items():
            self.told[channel] = {key: at for key, at in said.items() if key in standing}
        self._write()

    def add(self, channel: str, keys: Iterable[str], now: datetime) -> None:
        """Puts on record at once what has just been told."""
        self.told.setdefault(channel, {}).update(dict.fromkeys(keys, now.isoformat()))
        self._write()

    def _write(self) -> None:
        write_whole(paths.alerts_path(), json.dumps(self.told, indent=1))


@contextmanager
def sent() -> Iterator[Sent]:
    """The record, nobody else's meanwhile: two that send at once would tell everything twice."""
    path = paths.alerts_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file_lock(path.with_suffix(".lock")):
        yield read_sent()


def read_sent() -> Sent:
    """The record as it is, to look at."""
    path = paths.alerts_path()
    return Sent(json.loads(path.read_text("utf-8")) if path.exists() else {})
