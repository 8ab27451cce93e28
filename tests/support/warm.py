"""A warm process that forks loads, so that all of them share one slow import.

Belongs here: forking a load or a look, and what a look sees. No thread may start before a fork, so
the forking process itself opens no database and no frame.
"""

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb

# columns about times, attempts or processes, not about published content
NOT_CONTENT = {
    "published": {"releases"},
    "warehouse": {"attempts", "built", "control", "gates", "verdicts", "version"},
}
TIMES = {"TIMESTAMP WITH TIME ZONE", "TIMESTAMP"}
PHASES = {
    "la": "deliveries", "reference": "reference", "standing": "staging", "staging": "staging",
    "key_map": "staging", "intermediate": "intermediate", "marts": "marts",
    "publication": "publication",
}  # fmt: skip


IMPORTED = [
    "fastexcel", "great_expectations", "polars", "tf_pipeline.definitions",
    "tf_pipeline.dbt.build_layer", "tf_pipeline.defs.run_month", "tf_pipeline.deliveries.intake",
    "tf_pipeline.pages.write_packs", "tf_pipeline.quality.table_gates",
    "tf_pipeline.pages.comparability", "tf_pipeline.pages.pack_release",
    "tf_pipeline.quality.gate_pages",
]  # fmt: skip


def warm_up(data: Path) -> None:
    """Imports everything a load needs and parses the dbt project, without starting a thread."""
    os.environ["TF_DATA_DIR"] = str(data)
    for name in IMPORTED:
        import_module(name)
    from tf_pipeline.dbt.parsed_project import parsed

    parsed("duckdb")


def in_child(work: Callable[[], Any], log: Path) -> int:
    """Starts `work` in a forked child with its output in a file; returns the child's id."""
    child = os.fork()
    if child:
        return child
    code = 99
    try:
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        code = int(work() or 0)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 98
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def wait_for(child: int, seconds: float | None = None) -> int | None:
    """Exit code of a child; after `seconds` kills it and returns None."""
    until = time.monotonic() + seconds if seconds is not None else None
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return None if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)
        if until is not None and time.monotonic() >= until:
            os.kill(child, signal.SIGKILL)
            until = None
        time.sleep(0.005)


class Folder:
    """A data folder for loads that may be killed; `inbox/<a or b>` are the deliveries."""

    def __init__(self, work: Path, name: str) -> None:
        self.work, self.data = work, work / name
        self.log = work / f"{name}.log"

    def load(
        self, month: str, content: str, kill_after: float | None = None, again: bool = False
    ) -> int | None:
        """Loads a month; returns its exit code, or None if it was killed."""

        def run() -> None:
            from tf_pipeline.cli import main

            os.environ["TF_DATA_DIR"] = str(self.data)
            inbox = self.work / "inbox" / content
            sys.argv = ["tf-pipeline", "load", month, "--inbox", str(inbox)]
            sys.argv += ["--again"] if again else []
            main()

        return wait_for(in_child(run, self.log), kill_after)

    def phase(self) -> str:
        """The phase of the last load, from its last line."""
        lines = re.findall(r"^\[ *[\d.]+s\] (\w+?)[\d]*: (\w+)", self.log.read_text(), re.M)
        if not lines:
            return "before"
        step, doing = lines[-1]
        return "after" if (step, doing) == ("publication", "release") else PHASES[step]

    def look(self) -> dict[str, Any]:
        """Hashes of the publication and the warehouse, read in a child as analysts do."""
        found = self.work / "look.json"
        found.unlink(missing_ok=True)

        def run() -> None:
            os.environ["TF_DATA_DIR"] = str(self.data)
            found.write_text(json.dumps(seen(self.data)))

        code = wait_for(in_child(run, self.work / "look.log"))
        if code:
            raise AssertionError((self.work / "look.log").read_text()[-2000:])
        return json.loads(found.read_text())


def seen(data: Path) -> dict[str, Any]:
    """Hashes of every published and stored table; leftover files; unfinished runs."""
    from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

    current = data / "published" / "current"
    state: dict[str, Any] = {"published": {}, "warehouse": {}, "left": [], "unended": 0}
    if current.exists():
        for name in ("gm_baseline", "gm_shared_baseline"):
            state["published"] |= hashes(current.resolve() / f"{name}.duckdb", "published")
        state["page"] = (current / "comparability.html").stat().st_size > 0
    if (data / "warehouse/warehouse.duckdb").exists():
        state["warehouse"] = hashes(data / "warehouse/warehouse.duckdb", "warehouse")
    hidden = [p.name for p in (data / "published").glob(".*")]
    state["left"] = hidden + [t for t in state["warehouse"] if "__dbt" in t]
    if (data / "dagster").exists():
        os.environ["DAGSTER_HOME"] = str(data / "dagster")
        with DagsterInstance.get() as instance:
            going = [DagsterRunStatus.STARTED, DagsterRunStatus.STARTING]
            state["unended"] = instance.get_runs_count(RunsFilter(statuses=going))
    return state


def hashes(path: Path, kind: str) -> dict[str, list]:
    """schema.table → number of rows, and a hash of the sorted rows without times."""
    found = {}
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where not internal order by all"
        ).fetchall()
        for schema, table in tables:
            if table in NOT_CONTENT[kind]:
                continue
            columns = connection.execute(
                "select column_name, data_type from duckdb_columns() "
                "where schema_name = ? and table_name = ?",
                [schema, table],
            ).fetchall()
            kept = ", ".join(f'"{c}"' for c, t in columns if t not in TIMES and c != "seconds")
            rows = connection.execute(f'select {kept} from {schema}."{table}"').fetchall()
            text = "\n".join(sorted(map(repr, rows)))
            found[f"{schema}.{table}"] = [len(rows), sha256(text.encode()).hexdigest()[:16]]
    return found


def counts(tables: dict[str, list]) -> dict[str, int]:
    """Rows per table, which are the same with another key."""
    return {name: found[0] for name, found in tables.items()}


def differing(one: dict[str, list], other: dict[str, list]) -> list[str]:
    """Names of tables that differ."""
    return [name for name in sorted({*one, *other}) if one.get(name) != other.get(name)]


def say(**line: Any) -> None:
    """Prints one line of JSON."""
    print(json.dumps(line), flush=True)
