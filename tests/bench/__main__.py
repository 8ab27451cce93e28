"""`python -m tests.bench`: measures the trees in turn, and writes the results. Thin.

Belongs here: the options, the order of rounds, steps and trees, and the file names.
Does not belong here: anything that measures or draws.
"""

import argparse
import json
import os
import shutil
import sys
from datetime import date
from pathlib import Path

from tests.bench import inbox as deliveries
from tests.bench.measure import Failed
from tests.bench.steps import STEPS, Steps
from tests.bench.trees import Tree, machine, trees

RESULTS = Path(__file__).with_name("results")


def main() -> int:
    """Measures, then writes JSON, Markdown and SVG; returns the exit code."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asked.add_argument("trees", nargs="*", type=Path, help="checkouts, the oldest first")
    asked.add_argument("--scale", type=int, default=1, help="1 is 9,000 families")
    asked.add_argument("--repeat", type=int, default=3, help="rounds; figures are medians")
    asked.add_argument("--dir", type=Path, default=Path("data/bench"), help="inboxes and work")
    asked.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    asked.add_argument("--only", nargs="+", default=[*STEPS], choices=[*STEPS], metavar="STEP")
    options = asked.parse_args()
    if options.scale < 1 or options.repeat < 1:
        asked.error("--scale and --repeat must be 1 or more")
    wanted = [step for step in STEPS if step in options.only or step == "month"]
    try:
        compared = trees(options.trees or [Path()])
        result = _measure(compared, options.scale, options.repeat, options.dir.resolve(), wanted)
    except (Failed, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(_write(result, options.results, compared[-1]))
    return 0


def _measure(compared: list[Tree], scale: int, repeat: int, folder: Path, wanted: list) -> dict:
    inbox = deliveries.made(scale, folder)
    other = deliveries.corrected(inbox)
    work = folder / "work"
    steps = {
        tree.label: Steps(tree, inbox, other, work / str(number))
        for number, tree in enumerate(compared)
    }
    load = [os.getloadavg()[0]]
    runs = []
    for one in steps.values():
        one.warm()
    for number in range(1, repeat + 1):
        for step in wanted:
            # trees take turns, so that a busy minute of the machine meets all of them
            for label, one in steps.items():
                cost = STEPS[step](one)
                runs.append({"round": number, "tree": label, "step": step, **cost.as_json()})
                print(
                    f"round {number}  {step:12} {label:14} {cost.cpu:7.1f} CPU s "
                    f"{cost.wall:7.1f} s {cost.peak:6.0f} MiB",
                    file=sys.stderr,
                )
        load.append(os.getloadavg()[0])
    shutil.rmtree(work)
    return {
        "date": f"{date.today()}",
        "scale": scale,
        "families": deliveries.families(scale),
        "repeat": repeat,
        "machine": machine() | {"load_average": load},
        "trees": {tree.label: tree.about for tree in compared},
        "runs": runs,
    }


def _write(result: dict, folder: Path, newest: Tree) -> Path:
    """Writes the raw figures, the tables and the chart beside each other."""
    # drawn last, in this process: what is measured is not to inherit their memory
    from tests.bench.chart import chart
    from tests.bench.report import tables

    folder.mkdir(parents=True, exist_ok=True)
    name = f"{result['date']}-{newest.commit}-scale{result['scale']}"
    svg = folder / f"{name}.svg"
    svg.write_text(chart(result))
    (folder / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    page = folder / f"{name}.md"
    page.write_text(tables(result, svg.name))
    return page


if __name__ == "__main__":
    sys.exit(main())
