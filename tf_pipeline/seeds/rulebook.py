"""Checks that the seeds that analysts edit are consistent, before anything uses them.

Belongs here: the entry point: reading all seeds once, and refusing them with file, line and rule.
Does not belong here: the rules: of every file (`seed_files.py`), of one seed (its suite, asked in
`suite_rules.py`), across rows and seeds (`seed_checks.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tf_pipeline import paths
from tf_pipeline.errors import UserFacingError
from tf_pipeline.quality.delivery_rules import OVERRIDES, SUITE, rules_as_rows
from tf_pipeline.seeds.override_checks import DECLARED, RULES
from tf_pipeline.seeds.seed_checks import disagreements
from tf_pipeline.seeds.seed_files import (
    RuleFinding,
    declared,
    read_seed,
    wrong_cells,
    wrong_columns,
)
from tf_pipeline.seeds.suite_files import MISSING, read_suites, seed_suite
from tf_pipeline.seeds.suite_rules import broken_rules

SHOWN = 20
# a path, when it changed and its size: while these stay, nothing is examined again
Stamp = tuple[Path, int, int]


class RuleProblem(UserFacingError):
    """Seeds are refused; each of the `findings` gives file, line, rule and what is accepted."""

    def __init__(self, findings: Sequence[RuleFinding]) -> None:
        lines = [str(finding) for finding in findings[:SHOWN]]
        rest = len(findings) - SHOWN
        super().__init__("\n".join(lines + [f"and {rest} more"] * (rest > 0)))
        self.findings = list(findings)


@dataclass(frozen=True)
class Examined:
    """How much was checked, and what is wrong with it."""

    files: int
    rows: int
    findings: tuple[RuleFinding, ...]


def check_rules() -> None:
    """Raises RuleProblem if a seed breaks a rule. Takes time only once per process."""
    if findings := examine().findings:
        raise RuleProblem(findings)


def examine() -> Examined:
    """Reads and checks every seed and every override, unless nothing has changed."""
    folder, suites = paths.seeds_dir(), paths.expectations_dir()
    files = [folder / "_seeds.yml", *sorted(folder.glob("**/*.csv"))]
    files += suites.glob(f"{OVERRIDES}.csv")
    # what an authority supplies decides which overrides have an effect
    shapes = sorted(paths.authorities_dir().glob("*.yml"))
    return _examine(_as_now(files), _as_now(sorted(suites.glob("*.json"))), _as_now(shapes))


def _as_now(files: Sequence[Path]) -> tuple[Stamp, ...]:
    stats = [path.stat() for path in files]
    return tuple((path, s.st_mtime_ns, s.st_size) for path, s in zip(files, stats, strict=True))


@lru_cache(maxsize=4)
def _examine(
    files: tuple[Stamp, ...], suite_files: tuple[Stamp, ...], _shapes: tuple[Stamp, ...]
) -> Examined:
    (catalogue, *_), *seed_files = files
    tables = declared(catalogue)
    entries = {**tables, OVERRIDES: DECLARED}
    suites, findings = read_suites([path for path, *_ in suite_files], tables)
    seeds = {}
    for path, *_ in seed_files:
        rows, wrong = read_seed(path)
        if path.stem in entries and not wrong:
            wrong = wrong_columns(path.name, rows.columns, entries[path.stem])
        findings += wrong
        seeds[path.stem] = rows
    findings += [
        RuleFinding(f"{name}.csv", 1, "FILE_MISSING", MISSING)
        for name in entries
        if name not in seeds
    ]
    # compare the seeds with each other only if all can be read
    if not findings:
        for name, rows in seeds.items():
            wrong = [*wrong_cells(f"{name}.csv", rows, entries.get(name))]
            findings += wrong
            if name in tables:
                lines = [finding.line for finding in wrong]
                findings += broken_rules(name, rows, tables[name], suites[seed_suite(name)], lines)
        findings += disagreements({**seeds, RULES: rules_as_rows(suites[SUITE])}, entries)
    return Examined(
        len(seeds),
        sum(rows.height for rows in seeds.values()),
        tuple(sorted(dict.fromkeys(findings))),
    )
