"""Whether the rules that analysts edit hold together; looked at before anything is done with them.

Belongs here: the public face: reading all seeds once, and refusing them with file, line and rule.
Does not belong here: the rules (`seed_files.py` for one file, `rule_checks.py` for rows).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tf_pipeline import paths
from tf_pipeline.errors import UserFacingError
from tf_pipeline.seeds.delivery_rules import OVERRIDES, RULES, SUITE, not_read, read_rules
from tf_pipeline.seeds.override_checks import DECLARED
from tf_pipeline.seeds.seed_checks import disagreements
from tf_pipeline.seeds.seed_files import (
    RuleFinding,
    declared,
    read_seed,
    wrong_cells,
    wrong_columns,
)

SHOWN = 20


class RuleProblem(UserFacingError):
    """Seeds are refused; `findings` say what, each with file, line, rule and what is accepted."""

    def __init__(self, findings: Sequence[RuleFinding]) -> None:
        lines = [str(finding) for finding in findings[:SHOWN]]
        rest = len(findings) - SHOWN
        super().__init__("\n".join(lines + [f"and {rest} more"] * (rest > 0)))
        self.findings = list(findings)


@dataclass(frozen=True)
class Examined:
    """How much was looked at, and what is wrong with it."""

    files: int
    rows: int
    findings: tuple[RuleFinding, ...]


def check_rules() -> None:
    """Returns where every seed holds; raises RuleProblem otherwise. Costs once a process."""
    if findings := examine().findings:
        raise RuleProblem(findings)


def examine() -> Examined:
    """Reads and judges every seed and every override, unless they are as they were."""
    folder, suites = paths.seeds_dir(), paths.expectations_dir()
    files = [folder / "_seeds.yml", *sorted(folder.glob("**/*.csv"))]
    files += suites.glob(f"{OVERRIDES}.csv")
    return _examine(_as_now(files), _as_now(sorted(suites.glob(f"{SUITE}*.json"))), suites)


def _as_now(files: Sequence[Path]) -> tuple[tuple[Path, int, int], ...]:
    stats = [path.stat() for path in files]
    return tuple((path, s.st_mtime_ns, s.st_size) for path, s in zip(files, stats, strict=True))


@lru_cache(maxsize=4)
def _examine(
    files: tuple[tuple[Path, int, int], ...], suites: tuple[tuple[Path, int, int], ...], home: Path
) -> Examined:
    (catalogue, *_), *seed_files = files
    said = {**declared(catalogue), OVERRIDES: DECLARED}
    rules, findings = read_rules(home / f"{SUITE}.json")
    findings += not_read([path for path, *_ in suites])
    seeds = {}
    for path, *_ in seed_files:
        rows, wrong = read_seed(path)
        if path.stem in said and not wrong:
            wrong = wrong_columns(path.name, rows.columns, said[path.stem])
        findings += wrong
        seeds[path.stem] = rows
    findings += [
        RuleFinding(f"{name}.csv", 1, "FILE_MISSING", "there is no such file; accepted: it is back")
        for name in said
        if name not in seeds
    ]
    # a file that cannot be read says nothing about the others
    if not findings:
        for name, rows in seeds.items():
            findings += wrong_cells(f"{name}.csv", rows, said.get(name))
        findings += disagreements({**seeds, RULES: rules}, said)
    return Examined(
        len(seeds),
        sum(rows.height for rows in seeds.values()),
        tuple(sorted(dict.fromkeys(findings))),
    )
