"""Runs `tf-pipeline` or the floor in a tree's own Python, and stamps what was used until when.

Belongs here: stamps, and starting what is measured. The tree's Python runs this file as a script:
    python -P launch.py STAMPS.json tf-pipeline load 2016-04
    python -P launch.py STAMPS.json floor …
Does not belong here: anything of this folder's other modules (they are not on the path), and
anything that would add to the costs.
"""

import json
import resource
import sys
import time
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

# each stamp: the line, then user and system CPU seconds with children, then the monotonic clock
_stamps: list[tuple[str, float, float, float]] = []


def stamp(line: str) -> None:
    """Notes what this process and its ended children have used until now, in seconds."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    user, system = own.ru_utime + others.ru_utime, own.ru_stime + others.ru_stime
    _stamps.append((line, user, system, time.monotonic()))


def main(stamps: Path, what: str, arguments: list[str]) -> None:
    """Runs what is asked; writes the stamps also where it ends by SystemExit."""
    said: dict = {}
    try:
        if what == "floor":
            said = _floor().main(arguments, stamp)
        else:
            _listen()
            sys.argv = [what, *arguments]
            from tf_pipeline import cli

            cli.main()
    finally:
        stamps.write_text(json.dumps({"stamps": _stamps, "said": said}))


def _listen() -> None:
    """Stamps every line of a load's progress; a tree without such lines has one part."""
    try:
        from tf_pipeline import progress
    except ImportError:
        return
    tell = progress.report

    def report(line: str) -> None:
        stamp(line)
        tell(line)

    progress.report = report


def _floor():
    spec = spec_from_file_location("bench_floor", Path(__file__).with_name("floor.py"))
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
