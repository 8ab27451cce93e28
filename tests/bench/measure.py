"""Runs one process to its end and says what it cost.

Belongs here: CPU, wall clock, memory, and which part of the process used them.
Does not belong here: which commands are run, and what is made of the figures.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

WHOLE = "whole"
START = "imports"
# a part's name from a line and from the part before it
Naming = Callable[[str, str], str]


class Failed(Exception):
    """A process that is measured did not end as expected; its figures mean nothing."""


@dataclass
class Used:
    """What a process or a part of it used, in seconds: user and system CPU, and wall clock."""

    user: float = 0.0
    system: float = 0.0
    wall: float = 0.0

    @property
    def cpu(self) -> float:
        """User and system CPU together, in seconds."""
        return self.user + self.system


@dataclass
class Cost(Used):
    """What a whole process used, with the children that it waited for.

    `peak` is in MiB: the resident memory of the process or of its largest child, not their sum.
    `parts` hold seconds; they add up to the whole. `said` is what the process itself reports.
    """

    peak: float = 0.0
    parts: dict[str, Used] = field(default_factory=dict)
    said: dict = field(default_factory=dict)

    def as_json(self) -> dict:
        """The figures as they are kept, to the millisecond and the tenth of a MiB."""
        return _rounded(asdict(self))


def run(
    command: Sequence[str | Path],
    environment: Mapping[str, str],
    folder: Path,
    log: Path,
    stamps: Path | None = None,
    naming: Naming | None = None,
) -> Cost:
    """Runs a command in a folder and returns its cost; its output goes to `log`.

    `stamps` is the file in which launch.py leaves its stamps, and `naming` names their parts.
    Raises Failed where the exit code is not 0.
    """
    if stamps:
        stamps.unlink(missing_ok=True)
    with log.open("wb") as output:
        began = time.monotonic()
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        ended = time.monotonic()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Failed(f"exit code {process.returncode}; the last lines of {log}:\n{_tail(log)}")
    cost = Cost(usage.ru_utime, usage.ru_stime, ended - began, usage.ru_maxrss / 1024)
    written = json.loads(stamps.read_text()) if stamps and stamps.exists() else {}
    cost.parts = _parts(written.get("stamps", []), began, cost, naming)
    cost.said = written.get("said", {})
    return cost


def load_part(line: str, before: str) -> str:
    """Which part of a load begins with a line of its progress; `before` where none does."""
    name, _, rest = line.partition(": ")
    if rest.startswith("opening"):
        return "deliveries"
    if before == "deliveries" and rest.startswith(("accepted", "held", "rejected")):
        # Dagster ends the step; after the last one it also starts the second run
        return "after a delivery"
    if rest.startswith("building"):
        return name
    if rest.startswith("gating"):
        return f"{name} gates"
    if line.startswith("publication: release"):
        return "after publication"
    return name if name in ("standing", "key_map", "publication") else before


def floor_part(line: str, _before: str) -> str:
    """The floor says the names of its parts themselves."""
    return line


def _parts(stamps: list, began: float, whole: Cost, naming: Naming | None) -> dict[str, Used]:
    """Cuts a process at its stamps: (line, user, system, monotonic clock), all in seconds."""
    if not stamps or not naming:
        return {WHOLE: Used(whole.user, whole.system, whole.wall)}
    parts: dict[str, Used] = {}
    name, last = START, (0.0, 0.0, began)
    for line, *now in [*stamps, ("", whole.user, whole.system, began + whole.wall)]:
        part = parts.setdefault(name, Used())
        part.user += now[0] - last[0]
        part.system += now[1] - last[1]
        part.wall += now[2] - last[2]
        name, last = naming(line, name), now
    return parts


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])


def _rounded(value):
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return round(value, 3) if isinstance(value, float) else value
