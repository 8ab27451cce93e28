"""A load killed at any moment leaves a whole baseline, and the next load finishes the work.

`TF_KILLS` says how many loads are killed (a few unless told otherwise, so that the suite stays
quick) and `TF_KILLS_SEED` when. Every kill is followed by a read and by a load that must succeed.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPO, clean_environment
from tests.killing import MONTHS
from tf_pipeline.authorities import registry
from tf_pipeline.sample.generate import generate

KILLS, SEED = int(os.environ.get("TF_KILLS", "1")), int(os.environ.get("TF_KILLS_SEED", "4"))
FAMILIES = 40


def small(work: Path) -> dict[str, str]:
    """Two authorities, few families, two contents of the second month, a rule a dataset."""
    two = [registry.authorities()[n] for n in (2, 7)]
    authorities, suites = work / "authorities", work / "expectations"
    authorities.mkdir()
    for one in two:
        shutil.copyfile(REPO / "tf_pipeline/authorities" / f"{one}.yml", authorities / f"{one}.yml")
    suites.mkdir()
    for path in (REPO / "expectations").glob("*.json"):
        suite = json.loads(path.read_text())
        # judging is not what is tried here, and most of a small load is judging
        of = {rule.get("meta", {}).get("dataset"): rule for rule in suite["expectations"][::-1]}
        suite["expectations"] = list(of.values())
        (suites / path.name).write_text(json.dumps(suite))
    generate(work / "inbox/a", MONTHS, FAMILIES, 7, two)
    shutil.copytree(work / "inbox/a", work / "inbox/b")
    (corrected,) = (work / "inbox/b" / MONTHS[1] / two[0]).glob("*Interventions*.csv")
    lines = corrected.read_bytes().splitlines(keepends=True)
    corrected.write_bytes(b"".join(lines[:-1]))
    return {"TF_AUTHORITIES": str(authorities), "TF_EXPECTATIONS": str(suites)}


@pytest.mark.timeout(120 + 120 * KILLS)
def test_killed_loads_leave_a_whole_baseline_and_the_next_load_finishes(tmp_path):
    environment = small(tmp_path)
    with (tmp_path / "errors.txt").open("w") as errors, subprocess.Popen(
        [sys.executable, "-m", "tests.killing", str(tmp_path), str(KILLS), str(SEED)],
        cwd=REPO, env=clean_environment(tmp_path / "data") | environment,
        stdout=subprocess.PIPE, stderr=errors, text=True,
    ) as killing:  # fmt: skip
        said = []
        for line in killing.stdout:
            print(line, end="", flush=True)
            said.append(json.loads(line))
    assert killing.returncode == 0, (tmp_path / "errors.txt").read_text()
    kills = [line for line in said if "kill" in line]
    assert len(kills) == KILLS
    assert [k for k in kills if not k["whole"]] == []
    assert [k for k in kills if k["next_load"] != 0 or not k["right"]] == [], said
    assert [k for k in kills if k["left"] or k["unended"]] == []
    assert said[-1]["published_differs"] == said[-1]["warehouse_differs"] == []
    assert said[-1]["tables"] > 50
