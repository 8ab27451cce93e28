"""`python -m tf_pipeline.sample`: writes a synthetic inbox."""

import argparse
import sys
import time
from pathlib import Path

from tf_pipeline import paths
from tf_pipeline.calendar import is_month
from tf_pipeline.errors import UserFacingError
from tf_pipeline.sample.generate import generate


def main(arguments: list[str] | None = None) -> int:
    """Writes the requested inbox; returns the exit code."""
    asked = argparse.ArgumentParser(prog="python -m tf_pipeline.sample", description=__doc__)
    asked.add_argument("--months", nargs="+", required=True, metavar="YYYY-MM")
    asked.add_argument("--families", type=int, default=300, help="over all authorities")
    asked.add_argument("--seed", type=int, default=7)
    asked.add_argument("--out", type=Path, default=None, help="default: the inbox")
    asked.add_argument("--authorities", nargs="+", default=None, help="default: all")
    options = asked.parse_args(arguments)
    wrong = [month for month in options.months if not is_month(month)]
    if wrong or options.families < 1:
        asked.error(f"not a month: {wrong[0]}" if wrong else "--families must be 1 or more")
    folder = options.out or paths.inbox_dir()
    began = time.monotonic()
    try:
        generate(folder, options.months, options.families, options.seed, options.authorities)
    except UserFacingError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"SYNTHETIC deliveries in {folder}, {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
