"""A system in small, for what is about processes and not about figures."""

import json
import shutil
from pathlib import Path

from tests.support.commands import REPO
from tests.support.warm import MONTHS
from tf_pipeline.authorities import registry
from tf_pipeline.sample.generate import generate

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
