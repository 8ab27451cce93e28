"""The suites, read before anything uses them: one that no gate can use is refused by its line.

Belongs here: whether the files in `expectations/` are suites.
Does not belong here: what a suite must have (`quality/suites.py`), asking one (`suite_rules.py`).
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tf_pipeline.naming import suite_name, table_key
from tf_pipeline.quality.delivery_rules import OVERRIDES, SUITE
from tf_pipeline.quality.suites import SuiteProblem, read_file
from tf_pipeline.seeds.seed_files import RuleFinding

MISSING = "there is no such file; accepted: it is back"
BETWEEN_RULES = re.compile(r"[\s,]*")


def seed_suite(seed: str) -> str:
    """The suite of a seed's table."""
    return suite_name(table_key("reference", seed))


def read_suites(
    files: Iterable[Path], seeds: Iterable[str]
) -> tuple[dict[str, dict[str, Any]], list[RuleFinding]]:
    """Name → suite, and what is wrong with the files; every seed and the deliveries have one."""
    suites: dict[str, dict[str, Any]] = {}
    findings = []
    for path in files:
        if path.stem.startswith(f"{SUITE}."):
            findings.append(_not_read(path))
            continue
        try:
            suites[path.stem] = read_file(path.stem)
        except SuiteProblem as problem:
            findings.append(_unusable(path, problem))
    known = {*suites, *(Path(finding.file).stem for finding in findings)}
    findings += [
        RuleFinding(f"{name}.json", 1, "FILE_MISSING", MISSING)
        for name in (SUITE, *map(seed_suite, seeds))
        if name not in known
    ]
    return suites, findings


def _not_read(path: Path) -> RuleFinding:
    """The delivery suite of one authority: a threshold in it would do nothing."""
    message = (
        f"no gate reads it; accepted: its thresholds moved to {OVERRIDES}.csv, the file removed"
    )
    return RuleFinding(path.name, 1, "FILE_NOT_READ", message)


def _unusable(path: Path, problem: SuiteProblem) -> RuleFinding:
    text = path.read_bytes().decode("utf-8", "replace")
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        message = (
            f"not JSON ({error.msg}); accepted: a comma between two rules, none after the last"
        )
        return RuleFinding(path.name, error.lineno, "NOT_JSON", message)
    line = 1 if problem.number is None else _line_of(text, problem.number)
    hint = (
        ""
        if "accepted:" in problem.what
        else ("; accepted: each rule with id, type, kwargs, severity and meta.why")
    )
    return RuleFinding(path.name, line, "NOT_A_SUITE", f"{problem.what}{hint}")


def _line_of(text: str, number: int) -> int:
    """The line on which an expectation begins; the first has number 1."""
    at = text.index("[", text.index('"expectations"')) + 1
    begins = at
    for _ in range(number):
        between = BETWEEN_RULES.match(text, at)
        begins = between.end() if between else at
        _, at = json.JSONDecoder().raw_decode(text, begins)
    return text.count("\n", 0, begins) + 1
