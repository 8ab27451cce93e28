"""Analysts: five readers in one process query the published baseline until they are stopped.

Belongs here: the program that test_readers.py runs several times. One reader keeps its connection
open, one runs long queries, the others open `current` again each time. Every read checks that it
sees one whole release. Prints one JSON object at the end.
"""

import json
import sys
import threading
import time
from pathlib import Path

import duckdb

READERS = 5
PAUSE_SECONDS = 0.5
SHORT = "select max(release_id), count(*) from gm.releases"
# compares two tables; returns the authorities and months that differ
WHOLE = """
select month, authority from (
    select month, authority, sum(families) as families from gm.intensity_summary
    where authority <> 'gm' group by all
) as summed
full join (
    select month, authority, count(*) as families from gm.families
    where is_open and programme_group = 'programme' group by all
) as counted using (month, authority)
where coalesce(summed.families, 0) <> coalesce(counted.families, 0)
"""
LONG = """
select count(*), sum(hash(one.family_key, other.family_key, n) % 7)
from gm.family_needs as one
inner join gm.family_needs as other using (month, authority, need_code)
cross join range(3) as numbers (n)
"""


class Reader:
    """One reader: the number of its reads, its longest wait, and its failures."""

    def __init__(self, current: Path, kind: str) -> None:
        self.current, self.kind = current, kind
        self.reads, self.longest = 0, 0.0
        self.problems: list[str] = []
        self.releases: set[str] = set()

    def run(self, stop: Path) -> None:
        """Reads until the file `stop` exists."""
        kept = self.open() if self.kind == "open" else None
        while not stop.exists():
            try:
                self.read(kept)
            except Exception as error:
                self.problems.append(f"{self.kind}: {error}")
            time.sleep(PAUSE_SECONDS)

    def open(self) -> duckdb.DuckDBPyConnection:
        """A connection, opened as the README tells analysts."""
        return duckdb.connect(str(self.current / "gm_baseline.duckdb"), read_only=True)

    def read(self, kept: duckdb.DuckDBPyConnection | None) -> None:
        """One read; the wait covers the connection and its first answer."""
        started = time.monotonic()
        connection = kept or self.open()
        try:
            release, _ = connection.execute(SHORT).fetchall()[0]
            self.longest = max(self.longest, time.monotonic() - started)
            self.reads += 1
            self.releases.add(release)
            differing = connection.execute(WHOLE).fetchall()
            if differing:
                self.problems.append(f"{release} is not whole: {differing}")
            if self.kind == "long":
                connection.execute(LONG).fetchall()
        finally:
            if kept is None:
                connection.close()


def main(current: Path, stop: Path) -> None:
    """Runs five readers at once; prints their combined result."""
    readers = [Reader(current, kind) for kind in ["open", "long", *["new"] * (READERS - 2)]]
    threads = [threading.Thread(target=reader.run, args=[stop]) for reader in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said = {
        "readers": len(readers),
        "reads": sum(reader.reads for reader in readers),
        "fewest_reads": min(reader.reads for reader in readers),
        "longest_wait": round(max(reader.longest for reader in readers), 3),
        "problems": [one for reader in readers for one in reader.problems],
        "releases": sorted({one for reader in readers for one in reader.releases}),
        "kept_saw": len(readers[0].releases),
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
